import { afterEach, expect, test } from 'vitest';
import { stopApps } from '../gate/apps.ts';
import { SECRET, stopAll } from '../gate/gateway.ts';
import { SECRET as CLIENT_SECRET } from '../identity/strict-provider.ts';
import { basic, CREDENTIALS, exchange, startWorld } from './world.ts';

afterEach(async () => {
  await stopAll();
  await stopApps();
});

test('tokens for apps, with refusals around them, leave no secret in a log, an error or the store', async () => {
  const world = await startWorld();
  const ann = await world.signIn();
  const subject_token = await world.assertion('sales', ann);
  const shown: string[] = [];
  const say = async (...request: Parameters<typeof exchange> extends [unknown, ...infer R] ? R : never) => {
    const answer = await exchange(world.gateway, ...request);
    if (answer.status !== 200) shown.push(answer.text, ...answer.rawHeaders);
    return answer;
  };
  const token = JSON.parse((await say({ subject_token, audience: 'orders' })).text).access_token;
  const fresh = JSON.parse((await say({ subject_token })).text).access_token;
  const secrets = [
    token,
    fresh.split('.')[2],
    subject_token.split('.')[2],
    ...Object.values(CREDENTIALS),
    ...Object.values(CREDENTIALS).map((secret) => Buffer.from(secret).toString('base64url').slice(0, 30)),
    ...Object.values(ann.live.session.tokens).filter(
      (value) => typeof value === 'string' && value.length > 60,
    ),
    ann.live.session.tokens.refreshToken,
    CLIENT_SECRET,
    SECRET,
    ann.cookie.split('=')[1],
    'canary-wrong',
  ].map(String);

  await say({ subject_token, audience: 'staff', scope: 'admin' });
  await say({ subject_token, audience: 'nothing' });
  await say({ subject_token: 'canary-wrong' });
  await say({ subject_token }, { authorization: basic('people') });
  await say({ subject_token }, { authorization: basic('sales', 'canary-wrong') });
  await say({ subject_token }, { authorization: `Basic ${btoa(`${CREDENTIALS.sales}:sales`)}` });
  await say({ subject_token, canary: 'canary-wrong', grant_type: 'canary-wrong' });
  // The refresh token of the sign-in is used up behind the gateway's back: the provider takes the grant back.
  const rotated = world.provider.asked.at(-1)?.get('refresh_token');
  await fetch(`${world.provider.issuer}/token`, {
    method: 'POST',
    headers: { authorization: `Basic ${btoa(`portico:${CLIENT_SECRET}`)}` },
    body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: rotated ?? '' }),
  });
  expect((await say({ subject_token, audience: 'staff' })).status).toBe(400);
  expect(shown.length).toBeGreaterThan(10);

  const events = world.gateway.log.map((line) => JSON.parse(line).event).filter(Boolean);
  expect(events).toEqual(expect.arrayContaining(['api_token_issued', 'api_token_refused', 'session_ended']));
  const rows: string[] = [];
  for await (const [key, value] of world.store.entries(''))
    rows.push(key, Buffer.from(value).toString('latin1'));
  const written = [...world.gateway.log, ...shown, ...rows].join('\n');
  expect(secrets.filter((secret) => written.includes(secret))).toEqual([]);
});
