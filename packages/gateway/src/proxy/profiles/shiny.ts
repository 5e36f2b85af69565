import { asciiJson, fittingLists, line, nameOf, type Profile } from './profile.ts';

/**
 * Shiny Server and Posit Connect: fills `session.user` and `session.groups` (R: `session$user`, `session$groups`).
 * Shiny takes only this pair, and a missing list for an error, so one that does not fit is empty.
 */
export const shiny: Profile = {
  headers: ['Shiny-Server-Credentials'],
  lines: ({ identity }) =>
    line(
      'Shiny-Server-Credentials',
      asciiJson({ user: nameOf(identity), groups: fittingLists(identity).groups }),
    ),
};
