import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { HEADER_PROFILES } from '../../src/config/settings.ts';
import { headerProfiles } from '../../src/proxy/profiles/index.ts';
import { stopApps } from './apps.ts';
import { ORIGIN, stopAll } from './gateway.ts';
import { type Headers, mirror } from './profile-mirror.ts';

afterEach(async () => {
  await stopAll();
  await stopApps();
});

const profiles = headerProfiles({ sign: async () => '', clock: Date.now, issuer: ORIGIN });
const DECLARED = HEADER_PROFILES.flatMap((name) => profiles[name].headers);

/** Every name by which any of the profiles, or the platform that it is of, says who somebody is. */
const NAMES = [
  ...DECLARED,
  ...['AAD', 'GOOGLE', 'FACEBOOK', 'GITHUB', 'CORP'].flatMap((idp) =>
    ['ID-TOKEN', 'ACCESS-TOKEN', 'EXPIRES-ON', 'REFRESH-TOKEN'].map((what) => `X-MS-TOKEN-${idp}-${what}`),
  ),
  'X-Forwarded-User',
  'X-Forwarded-Email',
  'X-Forwarded-Preferred-Username',
  'X-Auth-Request-Access-Token',
  'Cf-Access-Token',
  'X-Goog-IAP-JWT-Assertion-2',
  'Shiny-Shared-Secret',
  'Rstudio-Connect-Credentials',
  'Posit-Connect-User-Session-Token',
  'Plotly-User-Token',
  'Portico-Assertion',
];

const SPOOFED = 'spoofed-by-client';
const fold = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '-');
const KNOWN = new Set(NAMES.map(fold));

/** The one name in the spellings that some server takes for it. */
function aliases(name: string): string[] {
  const mixed = [...name]
    .map((letter, i) => (letter === '-' ? ['_', '.', '-'][i % 3] : i % 2 ? letter.toLowerCase() : letter))
    .join('');
  return [
    name,
    name.toLowerCase(),
    name.toUpperCase(),
    name.replaceAll('-', '_'),
    name.replaceAll('-', '.'),
    name.replaceAll('-', '~'),
    mixed,
  ];
}

const spoof = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, SPOOFED]));
const arrived = (told: Headers): Headers =>
  told.filter(([name, value]) => KNOWN.has(fold(name)) && value.includes('spoofed'));

describe('the spoofing matrix: a name of any profile, in any alias, by HTTP and by WebSocket', () => {
  const cases = [
    { app: 'an app without profiles', profiles: [] },
    { app: 'an app with all of them', profiles: HEADER_PROFILES },
  ];

  test.each(cases)('never reaches $app from somebody who is signed in', async ({ profiles }) => {
    const { http, upgrade, cookie } = await mirror(profiles, true);
    for (const name of NAMES) {
      const headers = spoof(aliases(name));
      expect([name, arrived(await http('/', headers, cookie))]).toEqual([name, []]);
      expect([name, arrived(await upgrade('/', headers, cookie))]).toEqual([name, []]);
    }
  });

  test.each(cases)(
    'never reaches $app on a public path from nobody, who stays nobody',
    async ({ profiles }) => {
      const { http, upgrade } = await mirror(profiles, true);
      for (const name of NAMES) {
        for (const told of [
          await http('/open/x', spoof(aliases(name))),
          await upgrade('/open/x', spoof(aliases(name))),
        ])
          expect(told.filter(([found]) => KNOWN.has(fold(found)))).toEqual([]);
      }
    },
  );

  test('stands once, and is ours, where a profile sets it; no alias of it stands beside it', async () => {
    const { http, upgrade, cookie } = await mirror(HEADER_PROFILES, true);
    for (const told of [
      await http('/', spoof(DECLARED.flatMap(aliases)), cookie),
      await upgrade('/', spoof(DECLARED.flatMap(aliases)), cookie),
    ]) {
      const folded = told.map(([name]) => fold(name)).filter((name) => KNOWN.has(name));
      expect(new Set(folded).size).toBe(folded.length);
      expect(folded.toSorted()).toEqual(
        [
          ...DECLARED.map(fold),
          'portico-assertion',
          'x-forwarded-email',
          'x-forwarded-preferred-username',
          'x-forwarded-user',
          'x-ms-token-corp-access-token',
        ].toSorted(),
      );
    }
  });

  test('in every mixture of signs and capitals', async () => {
    const { http, cookie } = await mirror(HEADER_PROFILES, true);
    const spelling = fc
      .tuple(
        fc.constantFrom(...NAMES),
        fc.array(fc.constantFrom('-', '_', '.', '~', '!', '|'), { minLength: 8, maxLength: 8 }),
        fc.array(fc.boolean(), { minLength: 48, maxLength: 48 }),
      )
      .map(([name, signs, capitals]) => {
        let sign = 0;
        return [...name]
          .map((letter, i) =>
            letter === '-'
              ? (signs[sign++ % 8] ?? '-')
              : capitals[i]
                ? letter.toUpperCase()
                : letter.toLowerCase(),
          )
          .join('');
      });
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(spelling, { minLength: 1, maxLength: 20 }), async (spellings) => {
        expect(arrived(await http('/', spoof(spellings), cookie))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  test('cannot be taken away by naming it in Connection (CVE-2026-33805)', async () => {
    const { http, cookie } = await mirror(HEADER_PROFILES);
    const told = await http('/', { connection: `close, ${NAMES.join(', ')}` }, cookie);
    for (const name of DECLARED.filter((one) => !one.endsWith('Access-Token')))
      expect(told.filter(([found]) => found === name.toLowerCase())).toHaveLength(1);
  });

  test('while another name arrives in all of its spellings, so that the tests above can fail', async () => {
    const { http, upgrade, cookie } = await mirror(HEADER_PROFILES);
    const headers = spoof(aliases('X-Not-Of-Any-Profile').slice(1));
    for (const told of [await http('/', headers, cookie), await upgrade('/', headers, cookie)])
      expect(told.filter(([name]) => fold(name) === 'x-not-of-any-profile').length).toBeGreaterThan(3);
  });
});
