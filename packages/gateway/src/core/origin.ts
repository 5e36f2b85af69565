import type { App } from './types.ts';

/** Canonical origin of an app: that of `public_url`, or its own host with the same scheme and port. */
export function originOf({ host }: Pick<App, 'host'>, publicUrl: string): string {
  if (host === undefined) return publicUrl;
  const { protocol, port } = new URL(publicUrl);
  return `${protocol}//${host}${port === '' ? '' : `:${port}`}`;
}

/** All origins by which browsers know the gateway, that of `public_url` first. */
export function originsOf(apps: readonly Pick<App, 'host'>[], publicUrl: string): readonly string[] {
  return [...new Set([publicUrl, ...apps.map((app) => originOf(app, publicUrl))])];
}
