import { fittingLists, line, nameOf, type Profile } from './profile.ts';

/**
 * oauth2-proxy with `--pass-user-headers`, and its `--set-xauthrequest` as nginx hands it on:
 * https://oauth2-proxy.github.io/oauth2-proxy/configuration/overview
 *
 * `X-Forwarded-User`, `-Email` and `-Preferred-Username` go to every app anyway.
 */
export const oauth2Proxy: Profile = {
  headers: [
    'X-Forwarded-Groups',
    'X-Forwarded-Access-Token',
    'X-Auth-Request-User',
    'X-Auth-Request-Email',
    'X-Auth-Request-Preferred-Username',
    'X-Auth-Request-Groups',
  ],
  lines({ identity, tokens }) {
    const { email } = identity;
    // The list has no quoting, so a group named `a,admin` would be two.
    const groups = fittingLists(identity)
      .groups.filter((group) => !group.includes(','))
      .join(',');
    return (
      line('X-Forwarded-Groups', groups) +
      line('X-Auth-Request-User', identity.user ?? identity.subject) +
      line('X-Auth-Request-Email', email) +
      line('X-Auth-Request-Preferred-Username', nameOf(identity)) +
      line('X-Auth-Request-Groups', groups) +
      line('X-Forwarded-Access-Token', tokens?.accessToken)
    );
  },
};
