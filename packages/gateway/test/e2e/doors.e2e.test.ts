import { afterAll, beforeAll, expect, test } from 'vitest';
import type { GatewayProcess } from '../../../../test/gateway-process.ts';
import { describeWith } from '../../../../test/support/requires.ts';
import { EXAMPLE_APPS } from '../../src/demo/examples.ts';
import type { Door, Doors } from './doors/door.ts';
import { ALL_DOORS } from './doors/index.ts';
import { type Answer, ask, type Manner } from './support/ask.ts';
import { tokenIn } from './support/bokeh-client.ts';
import { command } from './support/command.ts';
import { startDoorsGateway } from './support/doors-gateway.ts';
import { cookieFrom, DAY, HOUR } from './support/other-time.ts';
import { cookieOf } from './support/people.ts';
import { expectForbidden, expectSignInFirst } from './support/refusals.ts';

const MANNERS: readonly Manner[] = ['page', 'data', 'upgrade'];
/** Questions on their way at the same time. */
const ABREAST = 16;

interface Knock {
  readonly url: string;
  readonly method: string;
  readonly manner: Manner;
  readonly body?: string | undefined;
  readonly protocols?: string;
}

describeWith('python')('every door of the real apps', () => {
  let gateway: GatewayProcess;
  let ana: string;
  /** What the apps' front pages link to. */
  const fronts = new Map<string, string>();

  beforeAll(async () => {
    gateway = await startDoorsGateway();
    ana = await cookieOf(gateway.url, 'ana');
    for (const { framework } of ALL_DOORS) {
      const front = await ask(`${gateway.url}/${framework}/`, { manner: 'data', cookie: ana });
      fronts.set(framework, front.body);
    }
  });
  afterAll(() => gateway?.stop());

  const urlOf = ({ framework }: Doors, { path }: Pick<Door, 'path'>): string => {
    const base = `${gateway.url}/${framework}`;
    if (typeof path === 'string') return base + path;
    const link = path.exec(fronts.get(framework) ?? '')?.[0];
    if (link === undefined) throw new Error(`${framework}: the front page links to nothing like ${path}`);
    return base + link.replace(/^\./, '').replace(new RegExp(`^/${framework}(?=/)`), '');
  };

  /** Every endpoint with each of its methods, each asked as a page, as data and as an upgrade. */
  const knocks = (doors: Doors): Knock[] => [
    ...doors.doors.flatMap((one) =>
      one.methods.flatMap((method) =>
        MANNERS.filter((manner) => manner !== 'upgrade' || method === 'GET').map((manner) => ({
          url: urlOf(doors, one),
          method,
          manner,
          body: manner === 'upgrade' ? undefined : one.body,
        })),
      ),
    ),
    ...doors.sockets.map((one) => ({
      url: urlOf(doors, one),
      method: 'GET',
      manner: 'upgrade' as const,
      protocols: one.protocols,
    })),
  ];

  const knock = ({ url, protocols, ...rest }: Knock, cookie: string | undefined): Promise<Answer> =>
    ask(url, {
      ...rest,
      cookie,
      headers: {
        ...(protocols ? { 'sec-websocket-protocol': protocols } : {}),
        ...(rest.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
    });

  const tokenOf = async (doors: Doors, path: string): Promise<string> => {
    const answer = await knock({ url: urlOf(doors, { path }), method: 'GET', manner: 'data' }, ana);
    return tokenIn(answer.body);
  };

  async function knockAll(
    doors: Doors,
    cookie: string | undefined,
    judge: (answer: Answer, one: Knock, what: string) => void,
  ): Promise<void> {
    const waiting = knocks(doors);
    expect(waiting.length).toBeGreaterThan(20);
    const walk = async (): Promise<void> => {
      for (let one = waiting.pop(); one !== undefined; one = waiting.pop())
        judge(await knock(one, cookie), one, `${one.method} ${one.url} as ${one.manner}`);
    };
    await Promise.all(Array.from({ length: ABREAST }, walk));
  }

  const refuses = (doors: Doors, cookie?: string): Promise<void> =>
    knockAll(doors, cookie, (answer, { manner, method }, what) =>
      expectSignInFirst(answer, manner, method, what),
    );

  for (const doors of ALL_DOORS) {
    const { framework } = doors;

    test(`${framework}: each is shut without a session`, () => refuses(doors));

    test(`${framework}: each is shut for a forged cookie`, async () => {
      const id = ana.slice('portico='.length);
      const session = await ask(`${gateway.url}/.auth/session`, { manner: 'data', cookie: ana });
      expect(session.status).toBe(200);
      const forged = [
        Buffer.alloc(32, 7).toString('base64url'),
        id.slice(0, -2) + (id.endsWith('AA') ? 'BB' : 'AA'),
        `${id}A`,
        `"${id}"`,
        '',
      ];
      for (const value of forged) await refuses(doors, `portico=${value}`);
      await refuses(doors, `__Host-portico=${id}; portico.sig=${id}`);
    });

    test(`${framework}: each is shut for a session that has expired`, async () => {
      // The same session a moment ago opens the app, so it is the time that shuts it.
      const url = `${gateway.url}/${framework}/`;
      const fresh = await cookieFrom(gateway.directory, 0);
      expect((await ask(url, { manner: 'data', cookie: fresh })).status).toBeLessThan(400);
      await refuses(doors, await cookieFrom(gateway.directory, 7 * DAY + 1_000));
      await refuses(doors, await cookieFrom(gateway.directory, 12 * HOUR + 1_000));
    });

    test(`${framework}: each is shut for a session that was revoked`, async () => {
      const ada = await cookieOf(gateway.url, 'ada');
      const url = `${gateway.url}/${framework}/`;
      expect((await ask(url, { manner: 'data', cookie: ada })).status).toBeLessThan(400);
      const { stdout } = await command(gateway.directory, ['sessions', 'revoke', 'ada@example.com']);
      expect(stdout).toBe('Ended 1 session.\n');
      await expect.poll(async () => (await ask(url, { manner: 'data', cookie: ada })).status).toBe(401);
      await refuses(doors, ada);
    });

    test(`${framework}: each is shut for somebody who may not enter`, async () => {
      const vik = await cookieOf(gateway.url, 'vik');
      const { title } = EXAMPLE_APPS[framework];
      await knockAll(doors, vik, (answer, { manner, method }, what) =>
        expectForbidden(answer, manner, method, title, what),
      );
    });

    test(`${framework}: each is the app's own for somebody who may enter`, async () => {
      const nowhere = `${gateway.url}/${framework}/there/is/nothing/here`;
      const control = await ask(nowhere, { manner: 'data', cookie: ana });
      await Promise.all(
        doors.doors.flatMap((one) =>
          one.methods.map(async (method) => {
            const url = urlOf(doors, one);
            const answer = await knock({ url, method, manner: 'data', body: one.body }, ana);
            const what = `${method} ${url}: ${answer.body.slice(0, 200)}`;
            expect(answer.status, what).toBe(one.status);
            expect(answer.headers['location'] ?? '', what).not.toContain('/.auth/');
            if (one.says !== undefined && method !== 'HEAD') expect(answer.body, what).toContain(one.says);
            const isPage = one.status === 200 && control.status === 200;
            if (method === 'GET' && !isPage) expect(answer.body, what).not.toBe(control.body);
          }),
        ),
      );
      for (const one of doors.sockets) {
        const { path, page, status } = one;
        const protocols =
          page === undefined ? one.protocols : `${one.protocols}, ${await tokenOf(doors, page)}`;
        const url = urlOf(doors, { path });
        expect((await knock({ url, method: 'GET', manner: 'upgrade', protocols }, ana)).status).toBe(status);
      }
    });
  }

  test('an app has no door outside its own path', async () => {
    const outside = [
      '/_stcore/health',
      '/_dash-layout',
      '/app',
      '/static/js/bokeh.min.js',
      '/gradio_api/info',
    ];
    for (const path of [...outside, '/streamlitx/', '/Streamlit/', '/gradio.']) {
      const answer = await ask(gateway.url + path, { manner: 'data', cookie: ana });
      expect([answer.status, answer.body], path).toEqual([404, '{"error":"not_found"}']);
    }
  });

  test('no other site can read autoload.js, which Bokeh and Panel offer to everybody', async () => {
    for (const path of ['/bokeh/app/autoload.js', '/panel/app/autoload.js']) {
      const answer = await ask(`${gateway.url}${path}?bokeh-autoload-element=1000`, {
        manner: 'data',
        cookie: ana,
        headers: { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
      });
      expect(answer.body, path).toContain('function(root)');
      expect(answer.headers['access-control-allow-origin'], path).toBeUndefined();
      expect(answer.headers['access-control-allow-credentials'], path).toBeUndefined();
    }
  });
});
