import { randomBytes } from 'node:crypto';
import { afterEach, describe, expect, test } from 'vitest';
import { stopApps } from './apps.ts';
import { mirror, SHOP_PAGE } from './bearer.ts';
import { socket } from './client.ts';
import { embeddingWith, redeem } from './embed.ts';
import { ORIGIN, stopAll } from './gateway.ts';

afterEach(async () => {
  await stopAll();
  await stopApps();
});

const madeUp = (): string => randomBytes(32).toString('base64url');

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
