import { PorticoAppElement } from './element.ts';

export type { Bridge, Messages } from './bridge.ts';
export { PorticoAppElement, type StateChange } from './element.ts';
export { EmbedError, type Reason, type Remedy } from './errors.ts';
export { type InterceptorOptions, installFetchInterceptor } from './interceptor/install.ts';
export type { State } from './mount.ts';
export type { Parameters, Theme } from './settings.ts';
export type { TokenProvider } from './tokens.ts';

// Two copies of this script on a page, or none of a page around it, are no mistakes.
if (globalThis.customElements && !customElements.get('portico-app'))
  customElements.define('portico-app', PorticoAppElement);
