import type { LiveSession } from '../session/live.ts';
import type { EmbedParts } from './context.ts';

/**
 * The embedded session behind a cookie, as far as the configuration of today still allows it: an origin or an issuer that was
 * taken out since is out at once.
 *
 * @param live - what the cookie led to under this app's name
 */
export function validFor(
  { apps }: Pick<EmbedParts, 'apps'>,
  app: string,
  live: LiveSession | undefined,
): LiveSession | undefined {
  const settings = apps.get(app)?.settings;
  const embed = live?.session.embed;
  if (settings === undefined || embed === undefined || embed.app !== app) return undefined;
  return settings.embed.origins.includes(embed.origin) && settings.bearer.includes(embed.bearer)
    ? live
    : undefined;
}
