import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { stopApps } from './apps.ts';
import { mirror, SHOP_PAGE, tokenOf } from './bearer.ts';
import { socket } from './client.ts';
import { codeFor, data, embedded, embeddingWith, redeem } from './embed.ts';
import { ORIGIN, stopAll } from './gateway.ts';

afterEach(async () => {
  await stopAll();
  await stopApps();
});

const madeUp = (): string => randomBytes(32).toString('base64url');

describe('another frame on the page around the app, with a code of its own person', () => {
  const swap = async (referer?: string) => {
    const gateway = await embeddingWith(await mirror());
    const ada = await embedded(gateway);
    // A frame of an advertiser, whose server has asked for a code, and which says nothing of itself.
    const { start } = await codeFor(gateway, await tokenOf({ sub: 'eve-1' }));
    const headers = referer === undefined ? {} : { referer };
    const answer = await redeem(gateway, start, { cookie: ada.cookie, headers });
    return { answer, before: (await data(gateway, ada.cookie)).status };
  };

  test.each([undefined, 'https://ads.example.net/'])(
    'does not put it in the place of the session that is there, with referrer %s',
    async (referer) => {
      const { answer, before } = await swap(referer);
      expect([answer.status, answer.headers['set-cookie'], before]).toEqual([403, undefined, 200]);
    },
  );

  test('which the page itself may', async () => {
    const { answer, before } = await swap(`${SHOP_PAGE}/`);
    expect([answer.status, before]).toEqual([303, 401]);
  });
});

describe('a stranger who makes things up', () => {
  test('has nothing written into the store for a code or a ticket', async () => {
    const writes: string[] = [];
    const embed = { origins: [SHOP_PAGE], inline: true, script: false };
    const gateway = await embeddingWith(
      await mirror(),
      { embed },
      {
        onStore: (memory) => {
          const noted = new Proxy(memory, {
            get: (target, name) => {
              if (name === 'set' || name === 'withLock') writes.push(String(name));
              const value: unknown = Reflect.get(target, name);
              return typeof value === 'function' ? value.bind(target) : value;
            },
          });
          return noted;
        },
      },
    );
    writes.length = 0;
    expect((await redeem(gateway, `${ORIGIN}/.auth/embed/start?code=${madeUp()}`)).status).toBe(400);
    const opening = socket(gateway, `/sales/ws?portico_ticket=${madeUp()}`, { origin: SHOP_PAGE });
    await new Promise((resolve) => opening.on('error', resolve));
    expect(writes).toEqual([]);
  });
});
