import { isObject } from '../core/object.ts';
import type { BearerSettings, EmbedSettings } from './bearer-settings.ts';
import type { Context } from './context.ts';
import type { AppSettings } from './settings.ts';
import type { Path } from './shape.ts';
import { nearest } from './suggest.ts';

interface Given {
  readonly bearer?: readonly string[] | undefined;
  readonly embed?: { readonly [K in keyof EmbedSettings]?: EmbedSettings[K] | undefined } | undefined;
}

/** Whose tokens an app takes, and which pages may show it. */
export function readEmbedding(
  context: Context,
  path: Path,
  { bearer, embed }: Given,
): Pick<AppSettings, 'bearer' | 'embed'> {
  const { problems, notes, raw } = context;
  // Also those that could not be read: they are problems of their own.
  const known = isObject(raw['bearer']) ? Object.keys(raw['bearer']) : [];
  for (const [index, name] of (bearer ?? []).entries()) {
    if (known.includes(name)) continue;
    const guess = nearest(name, known);
    const all = known.length === 0 ? 'Write bearer: at the top, and it below.' : `Use ${known.join(', ')}.`;
    problems.add(
      [...path, 'bearer', index],
      `${name} is not an issuer in bearer`,
      guess === undefined ? all : `Did you mean ${guess}?`,
    );
  }
  if (embed?.inline && bearer === undefined)
    problems.add(
      [...path, 'embed', 'inline'],
      'needs a token with every request, and this app takes none',
      'Add bearer: [NAME], or leave it out.',
    );
  if (embed?.inline)
    notes.push(
      `${path.at(-1)}: in its inline mode the app’s scripts can read everything on the page that shows it, and the page everything in the app.`,
    );
  if (embed?.origins !== undefined && bearer === undefined)
    notes.push(
      `${path.at(-1)}: takes no bearer tokens, so on other sites’ pages nobody is signed in to it where browsers block third-party cookies.`,
    );
  return {
    ...(bearer === undefined ? {} : { bearer: [...new Set(bearer)] }),
    ...(embed?.origins === undefined
      ? {}
      : {
          embed: {
            origins: [...new Set(embed.origins)],
            inline: embed.inline ?? false,
            script: embed.script ?? false,
          },
        }),
  };
}

/** What only shows when issuers and apps are seen together. */
export function checkIssuers(
  { problems, notes }: Context,
  issuers: readonly BearerSettings[],
  apps: readonly AppSettings[],
): void {
  for (const { name, bearer = [] } of apps) {
    const asked = issuers.filter(
      ({ name: one, source }) => bearer.includes(one) && source.kind === 'introspection',
    );
    // Nothing shows whose an opaque token is, and no issuer may learn the tokens of another.
    if (asked.length > 1)
      problems.add(
        ['apps', name, 'bearer'],
        `has ${asked.length} issuers with introspection, and each would be shown the tokens of the other`,
        'Keep one of them.',
      );
  }
  notes.push(...unusedIssuers(issuers, apps));
}

/** Issuers that no app takes tokens of. */
function unusedIssuers(
  issuers: readonly { readonly name: string }[],
  apps: readonly AppSettings[],
): string[] {
  return issuers
    .filter(({ name }) => !apps.some(({ bearer }) => bearer?.includes(name)))
    .map(({ name }) => `bearer.${name}: no app takes its tokens; write bearer: [${name}] at one.`);
}
