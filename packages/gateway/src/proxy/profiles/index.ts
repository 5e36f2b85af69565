import type { AppSettings, HeaderProfile } from '../../config/settings.ts';
import type { LiveSession } from '../../session/live.ts';
import { dashEnterprise } from './dash-enterprise.ts';
import { easyAuth } from './easyauth.ts';
import { oauth2Proxy } from './oauth2-proxy.ts';
import type { Profile } from './profile.ts';
import { shiny } from './shiny.ts';
import { cloudflareAccess, googleIap, type Sign } from './signed.ts';

interface ProfileOptions {
  readonly sign: Sign;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
  /** Public URL of the gateway. */
  readonly issuer: string;
  /** EasyAuth's name of an identity provider, by ours. */
  readonly idpOf: (provider: string) => string;
}

/** All profiles by name. */
export function headerProfiles(
  options: Omit<ProfileOptions, 'idpOf'>,
): Readonly<Record<HeaderProfile, Profile>> {
  return {
    easyauth: easyAuth,
    'oauth2-proxy': oauth2Proxy,
    'cloudflare-access': cloudflareAccess(options),
    'google-iap': googleIap(options),
    shiny,
    'dash-enterprise': dashEnterprise,
  };
}

/** The lines that an app's profiles add to its requests. */
export type ProfileLines = (live: LiveSession, app: string) => Promise<string>;

/** @throws GatewayError of the signing; then the request must not go on. */
export function profileLines(apps: readonly AppSettings[], options: ProfileOptions): ProfileLines {
  const all = headerProfiles(options);
  const byName = new Map(apps.map((app) => [app.name, app]));
  return async (live, app) => {
    const settings = byName.get(app);
    const { identity, tokens } = live.session;
    const told = {
      identity,
      idp: options.idpOf(identity.provider),
      app,
      tokens: settings?.tokenHeaders ? tokens : undefined,
    };
    const lines = (settings?.profiles ?? []).map((name) => all[name].lines(told));
    return (await Promise.all(lines)).join('');
  };
}
