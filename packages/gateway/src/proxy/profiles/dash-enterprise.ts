import { asciiJson, fittingLists, line, nameOf, type Profile } from './profile.ts';

/**
 * Dash Enterprise as `dash_enterprise_auth.get_username()` and `get_user_data()` read it where `DASH_JWKS_URL` is not set:
 * https://github.com/plotly/dash-enterprise-auth
 */
export const dashEnterprise: Profile = {
  headers: ['Plotly-User-Data'],
  lines({ identity }) {
    const { subject, email, name } = identity;
    const { roles, groups, overflow } = fittingLists(identity);
    const username = nameOf(identity);
    return line(
      'Plotly-User-Data',
      asciiJson({
        username,
        preferred_username: username,
        sub: subject,
        ...(email === undefined ? {} : { email }),
        ...(name === undefined ? {} : { name }),
        roles,
        groups,
        ...Object.fromEntries(overflow.map((list) => [list, true])),
      }),
    );
  },
};
