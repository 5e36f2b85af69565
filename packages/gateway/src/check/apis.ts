import type { ApiSettings } from '../config/settings.ts';
import { note, ok, type Section } from './finding.ts';
import { takesConnections } from './reach.ts';

/** Whether an API could be reached from here. Asks it nothing. */
export async function checkApi({ name, url, apps, provider, grant }: ApiSettings): Promise<Section> {
  const { hostname, port, protocol, host } = new URL(url);
  const there = await takesConnections(
    hostname.replace(/^\[|\]$/g, ''),
    Number(port || (protocol === 'https:' ? 443 : 80)),
  );
  return {
    title: `API ${name} (${url})`,
    findings: [
      there
        ? ok('api', `${host} takes connections.`)
        : note('api_down', `Nobody answers at ${host} now.`, 'Correct url, or let this machine reach it.'),
      ok(
        'api_apps',
        `Open to ${apps.join(', ')}, for people of ${provider}; its tokens come by ${WAYS[grant]}.`,
      ),
    ],
  };
}

const WAYS: Readonly<Record<ApiSettings['grant'], string>> = {
  session: 'the sign-in',
  refresh: 'the refresh token',
  exchange: 'token exchange',
  'on-behalf-of': 'on-behalf-of',
};
