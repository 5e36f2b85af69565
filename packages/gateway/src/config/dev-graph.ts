import type { ApiSettings } from './settings.ts';

/** Name of the development provider, as sessions know it. */
export const DEV_PROVIDER = 'dev';

/** What may be asked of the development provider's small Graph. */
export const GRAPH_SCOPES = ['User.Read', 'Mail.Read', 'Reports.Read.All'] as const;
export type GraphScope = (typeof GRAPH_SCOPES)[number];

/** Name of the API that `--dev` declares by itself. */
const NAME = 'graph';

/** The audience of the small Graph's access tokens (RFC 8707). @param issuer - of the development provider */
export function graphResource(issuer: string): string {
  return `${issuer}/graph`;
}

/**
 * The development provider's Graph, declared as the configuration would declare a real one.
 *
 * @param apps - names of the apps that may call it
 */
export function devGraph(publicUrl: string, apps: readonly string[]): ApiSettings {
  const resource = graphResource(`${publicUrl}/.auth/dev`);
  return {
    name: NAME,
    url: `${resource}/v1.0`,
    provider: DEV_PROVIDER,
    scopes: GRAPH_SCOPES,
    resource,
    grant: 'refresh',
    apps,
  };
}

/** With the small Graph for every app, unless the configuration has an API of that name. */
export function withDevGraph(
  apis: readonly ApiSettings[],
  publicUrl: string,
  apps: readonly string[],
): readonly ApiSettings[] {
  return apis.some(({ name }) => name === NAME) ? apis : [...apis, devGraph(publicUrl, apps)];
}
