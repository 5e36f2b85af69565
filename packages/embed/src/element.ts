import { type Bridge, createLink, type Messages } from './bridge.ts';
import { EmbedError, type Reason, toEmbedError } from './errors.ts';
import { mountFrame } from './frame.ts';
import { gatewayAt } from './gateway.ts';
import type { Mounted, MountOptions, State } from './mount.ts';
import { type HostSettings, isParameters, type Parameters, type Theme, themeOf } from './settings.ts';
import { type TokenProvider, TokenSource } from './tokens.ts';
import { appOf, urlOf } from './url.ts';
import { createView, type View } from './view.ts';

/** The `detail` of a `portico-state` event. */
export interface StateChange {
  readonly state: State;
  /** Of `login_required` and `error`. */
  readonly reason?: Reason;
  /** For a log; not meant for the person. */
  readonly message?: string;
  /** What a Streamlit app's script does: `running`, `notRunning` and so on; the app's own state is the same as before. */
  readonly script?: string;
}

/** Where there is no page (a server that draws it beforehand) the module can still be imported. */
const Base: typeof HTMLElement = globalThis.HTMLElement ?? class {};

const PROPERTIES = ['src', 'app', 'mode', 'start', 'token', 'tokenProvider', 'parameters', 'theme'] as const;

/**
 * `<portico-app src="https://apps.example.com/sales">`: an app behind Portico in a page that has its user's token.
 *
 * @typeParam Sent - what the page sends to the app, by name
 * @typeParam Heard - what the app sends to the page, by name
 */
export class PorticoAppElement<Sent extends object = Messages, Heard extends object = Messages>
  extends Base
  implements Bridge<Sent, Heard>
{
  static readonly observedAttributes = ['src', 'app', 'mode', 'start', 'theme', 'parameters'];

  readonly #tokens = new TokenSource();
  readonly #link = createLink();
  #view: View | undefined;
  #theme: Theme = {};
  #parameters: Parameters = {};
  #state: State = 'loading';
  #reason: Reason | undefined;
  #mounted: Mounted | undefined;
  #life: AbortController | undefined;
  #starting = false;

  connectedCallback(): void {
    for (const name of PROPERTIES) this.#upgrade(name);
    this.#view ??= createView(this.attachShadow({ mode: 'open' }), () => this.reload());
    this.#restart();
  }

  disconnectedCallback(): void {
    this.#stop();
  }

  attributeChangedCallback(name: string, _old: string | null, value: string | null): void {
    if (name === 'theme') this.theme = value?.trim().startsWith('{') ? parsed(value) : value;
    else if (name === 'parameters') this.parameters = parsed(value ?? '{}');
    else this.#restart();
  }

  /** Address of the app's page. */
  get src(): string {
    return this.getAttribute('src') ?? '';
  }
  set src(value: string) {
    this.setAttribute('src', value);
  }

  /** The app's name in the gateway's configuration; without it, the first part of the path in `src`. */
  get app(): string {
    return this.getAttribute('app') ?? '';
  }
  set app(value: string) {
    this.setAttribute('app', value);
  }

  /** `iframe`, or `inline`: in the page itself, where the app can reach everything that the page can. */
  get mode(): 'iframe' | 'inline' {
    return this.getAttribute('mode') === 'inline' ? 'inline' : 'iframe';
  }
  set mode(value: 'iframe' | 'inline') {
    this.setAttribute('mode', value);
  }

  /** An address with a one-time code which the page's server asked for; no token is needed then. */
  get start(): string {
    return this.getAttribute('start') ?? '';
  }
  set start(value: string) {
    this.setAttribute('start', value);
  }

  /** The token of the page's user. A newer one renews the app's session; `null` ends it. */
  get token(): string | null {
    return this.#tokens.token ?? null;
  }
  set token(value: string | null) {
    if (value) {
      this.#tokens.set({ token: value });
      this.#renewOrRestart();
    } else if (this.#tokens.token !== undefined) {
      this.end().catch(() => {});
    }
  }

  /** Asked for a token at the start, and for the next one before the last runs out. */
  get tokenProvider(): TokenProvider | null {
    return this.#tokens.provider ?? null;
  }
  set tokenProvider(value: TokenProvider | null) {
    this.#tokens.set({ provider: value ?? undefined });
    if (value && this.#state !== 'ready') this.#renewOrRestart();
  }

  /** Values for the app that do not stand in its address. */
  get parameters(): Parameters {
    return this.#parameters;
  }
  set parameters(value: Parameters) {
    this.#parameters = isParameters(value) ? value : {};
    this.#mounted?.update();
  }

  /** How the app should look: `light`, `dark`, or colours. */
  get theme(): Theme {
    return this.#theme;
  }
  set theme(value: Theme | string | null | undefined) {
    this.#theme = themeOf(value);
    this.#mounted?.update();
  }

  get state(): State {
    return this.#state;
  }

  get reason(): Reason | undefined {
    return this.#reason;
  }

  send<Name extends keyof Sent & string>(name: Name, data?: Sent[Name]): void {
    this.#link.bridge.send(name, data);
  }

  on<Name extends keyof Heard & string>(name: Name, handler: (data: Heard[Name]) => unknown): () => void {
    return this.#link.bridge.on(name, handler as (data: unknown) => unknown);
  }

  request<Reply = unknown>(name: string, data?: unknown): Promise<Reply> {
    return this.#link.bridge.request<Reply>(name, data);
  }

  /** Begins anew, with a token that is asked for anew. */
  reload(): void {
    this.#restart();
  }

  /** The person signs out: the app's session is over, its sockets are closed, and the app is taken off the page. */
  async end(): Promise<void> {
    const mounted = this.#mounted;
    this.#mounted = undefined;
    this.#tokens.set({ token: undefined });
    try {
      await mounted?.end();
    } finally {
      mounted?.unmount();
      this.#stop();
      this.#report(new EmbedError('signed_out', 'The page ended the session.', 'sign_in'));
    }
  }

  /** What a framework set before the element was defined is taken over. */
  #upgrade(name: (typeof PROPERTIES)[number]): void {
    if (!Object.hasOwn(this, name)) return;
    const value = this[name];
    Reflect.deleteProperty(this, name);
    Object.assign(this, { [name]: value });
  }

  #renewOrRestart(): void {
    if (this.#mounted) this.#mounted.renew();
    else if (this.#state !== 'loading') this.#restart();
  }

  /** Frameworks set one attribute after the other: all of them together begin one app. */
  #restart(): void {
    if (this.#starting || !this.#view) return;
    this.#starting = true;
    queueMicrotask(() => {
      this.#starting = false;
      this.#stop();
      if (this.isConnected) void this.#run();
    });
  }

  #stop(): void {
    this.#life?.abort();
    this.#mounted?.unmount();
    this.#mounted = undefined;
  }

  async #run(): Promise<void> {
    const life = new AbortController();
    this.#life = life;
    this.#report('loading');
    try {
      const mounted = await this.#mount(life.signal);
      if (life.signal.aborted) mounted.unmount();
      else this.#mounted = mounted;
    } catch (error) {
      if (!life.signal.aborted) this.#report(toEmbedError(error));
    }
  }

  async #mount(signal: AbortSignal): Promise<Mounted> {
    const start = urlOf(this.start, document.baseURI);
    const url = urlOf(this.src || this.start, document.baseURI);
    if (!url || !this.#view || (this.start && start?.origin !== url.origin))
      throw new EmbedError('bad_src', 'src is the http or https address of an app, start one beside it.');
    const options: MountOptions = {
      url,
      place: this.#view.place,
      gateway: gatewayAt(url.origin, this.app || appOf(url)),
      tokens: this.#tokens,
      link: this.#link,
      settings: (): HostSettings => ({ theme: this.#theme, parameters: this.#parameters }),
      report: (state) => this.#report(state),
      signal,
    };
    if (this.mode === 'inline') {
      const { mountInline } = await import('./inline/inline.ts');
      return mountInline(this, options);
    }
    return mountFrame({
      ...options,
      start: this.start ? start : undefined,
      label: this.getAttribute('label') ?? (this.app || appOf(url)),
      allow: this.getAttribute('allow') ?? '',
      height: this.getAttribute('height') ?? 'auto',
    });
  }

  #report(state: 'loading' | 'ready' | EmbedError): void {
    const wrong = typeof state === 'string' ? undefined : state;
    const next: State =
      typeof state === 'string' ? state : state.remedy === 'sign_in' ? 'login_required' : 'error';
    if (next === this.#state && wrong?.reason === this.#reason && this.hasAttribute('state')) return;
    this.#state = next;
    this.#reason = wrong?.reason;
    this.#view?.show(state);
    this.setAttribute('state', next);
    const detail: StateChange = {
      state: next,
      ...(wrong && { reason: wrong.reason, message: wrong.message }),
    };
    this.dispatchEvent(new CustomEvent('portico-state', { detail, bubbles: true, composed: true }));
  }
}

function parsed(text: string): Parameters {
  try {
    const value: unknown = JSON.parse(text);
    return isParameters(value) ? value : {};
  } catch {
    return {};
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'portico-app': PorticoAppElement;
  }
  interface GlobalEventHandlersEventMap {
    'portico-state': CustomEvent<StateChange>;
  }
}
