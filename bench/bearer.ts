import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { exportJWK, SignJWT } from 'jose';
import { BearerEnds } from '../packages/gateway/src/bearer/ends.ts';
import { BearerVerifier } from '../packages/gateway/src/bearer/verifier.ts';
import { Sealer } from '../packages/gateway/src/session/seal.ts';
import { MemoryStore } from '../packages/gateway/src/session/stores/memory.ts';

/** What a bearer token costs a request: one that is in memory, and one that is seen for the first time. Run it with Node 24. */

const ISSUER = 'https://login.example.com';
const AUDIENCE = 'https://apps.example.com';
const CACHED = 300_000;
const UNCACHED = 1_500;

const KEYS: Readonly<Record<string, { readonly privateKey: KeyObject; readonly publicKey: KeyObject }>> = {
  RS256: generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
};

const keySet = {
  keys: await Promise.all(
    Object.entries(KEYS).map(async ([kid, { publicKey }]) => ({ ...(await exportJWK(publicKey)), kid })),
  ),
};

const store = new MemoryStore();
const verifier = new BearerVerifier({
  issuers: [
    {
      name: 'shop',
      issuer: ISSUER,
      source: { kind: 'jwks', url: `${ISSUER}/keys` },
      audience: [AUDIENCE],
      algorithms: ['RS256', 'ES256'],
      scopes: ['apps'],
      rolesClaim: 'roles',
      groupsClaim: 'groups',
    },
  ],
  apps: [{ name: 'sales', bearer: ['shop'] }],
  ends: new BearerEnds(store, new Sealer(['a secret of the benchmark, which opens nothing']), Date.now),
  clock: Date.now,
  identify: (identity) => identity,
  fetch: async () => Response.json(keySet),
});

/** As the bytes of a head, from which every request makes a text of its own. */
async function tokenBytes(alg: string, jti: number): Promise<Buffer> {
  const token = await new SignJWT({
    scope: 'openid profile email apps',
    client_id: 'shop',
    roles: ['analyst', 'viewer'],
    groups: Array.from({ length: 12 }, (_, number) => `group-of-the-company-${number}`),
    email: 'ada@example.com',
    email_verified: true,
  })
    .setProtectedHeader({ alg, kid: alg, typ: 'at+jwt' })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setSubject('ada-1')
    .setJti(String(jti))
    .setIssuedAt()
    .setExpirationTime('1h')
    .sign(KEYS[alg]?.privateKey as KeyObject);
  return Buffer.from(token, 'latin1');
}

const micro = (milliseconds: number, count: number): string => ((milliseconds * 1000) / count).toFixed(1);

for (const alg of Object.keys(KEYS)) {
  const tokens = await Promise.all(Array.from({ length: UNCACHED }, (_, number) => tokenBytes(alg, number)));
  const [first] = tokens as [Buffer];
  await verifier.verify('sales', first.toString('latin1'));

  let begin = performance.now();
  for (let i = 1; i < UNCACHED; i++) await verifier.verify('sales', (tokens[i] as Buffer).toString('latin1'));
  const uncached = micro(performance.now() - begin, UNCACHED - 1);

  for (let i = 0; i < CACHED; i++) verifier.verify('sales', first.toString('latin1'));
  begin = performance.now();
  for (let i = 0; i < CACHED; i++) verifier.verify('sales', first.toString('latin1'));
  const cached = micro(performance.now() - begin, CACHED);
  console.log(
    `${alg}, ${first.byteLength} bytes: in memory ${cached} µs, seen for the first time ${uncached} µs`,
  );
}
