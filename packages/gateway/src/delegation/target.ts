import type { ApiSettings } from '../config/settings.ts';
import type { LiveSession } from '../session/live.ts';
import type { DelegatedApp } from './delegation.ts';
import { refused } from './refusal.ts';

/** See `Delegation.apiOf`. What is not for an app is not told apart from what does not exist. */
export function targets(apis: readonly ApiSettings[]) {
  const byName = new Map(apis.map((api) => [api.name, api]));
  return (name: string, app: DelegatedApp, live: LiveSession): ApiSettings => {
    const api = byName.get(name);
    if (api === undefined || !api.apps.includes(app.name))
      throw refused('invalid_target', 400, `${app.name} may not use an API named ${JSON.stringify(name)}`, {
        say: 'There is no such API for this app; it has to be declared under apis, with this app among its apps.',
      });
    const { provider } = live.session.identity;
    if (provider !== api.provider)
      throw refused('invalid_target', 400, `${name} is for people of ${api.provider}, not of ${provider}`, {
        say: 'The API is for people who signed in at another provider.',
      });
    return api;
  };
}

/**
 * The scopes that are asked for, each once.
 *
 * @param asked - space-separated; all that are declared when there are none
 * @throws GatewayError `invalid_scope` (400) for one that is not declared
 */
export function scopesOf(asked: string | undefined, api: ApiSettings): readonly string[] {
  const wanted = new Set((asked ?? '').split(' ').filter((scope) => scope !== ''));
  if (wanted.size === 0) return api.scopes;
  const undeclared = [...wanted].filter((scope) => !api.scopes.includes(scope));
  if (undeclared.length > 0)
    throw refused('invalid_scope', 400, `${api.name} has no scope ${undeclared.join(' ')}`, {
      say: 'Only scopes that are declared for this API can be asked for.',
    });
  return [...wanted];
}
