import { createHash } from 'node:crypto';
import type { Adapter, AdapterFactory, AdapterPayload } from 'oidc-provider';
import type { Sealer } from '../session/seal.ts';
import type { SessionStore } from '../session/store.ts';

const PREFIX = 'devidp/';
const PURPOSE = 'devidp';

/** Deletes what of one kind belongs to somebody. */
export async function forgetAccount(
  store: SessionStore,
  sealer: Sealer,
  model: string,
  accountId: string,
): Promise<void> {
  for await (const [key, sealed] of store.entries(`${PREFIX}${model}/`)) {
    if (opened(sealer, key, sealed)?.accountId === accountId) await store.delete(key);
  }
}

function opened(sealer: Sealer, key: string, sealed: Uint8Array): AdapterPayload | undefined {
  const bytes = sealer.open(PURPOSE, sealed, key);
  return bytes === undefined ? undefined : (JSON.parse(Buffer.from(bytes).toString()) as AdapterPayload);
}

/**
 * State of the development provider in a session store, sealed: on the gateway's own store, its sessions and refresh
 * tokens outlive a restart as the gateway's sessions do.
 */
export function storeAdapter(store: SessionStore, sealer: Sealer): AdapterFactory {
  const write = (key: string, value: unknown, ttl: number): Promise<void> =>
    store.set(key, sealer.seal(PURPOSE, Buffer.from(JSON.stringify(value)), key), ttl);
  const read = async (key: string): Promise<AdapterPayload | undefined> => {
    const sealed = await store.get(key);
    return sealed === undefined ? undefined : opened(sealer, key, sealed);
  };

  return (model): Adapter => {
    // Ids arrive from outside in any length and alphabet; hashed they are always fit for a key.
    const keyOf = (id: string, kind = model): string =>
      `${PREFIX}${kind}/${createHash('sha256').update(id).digest('base64url')}`;
    return {
      async upsert(id, payload, expiresIn) {
        const ttl = expiresIn === undefined ? Number.POSITIVE_INFINITY : expiresIn * 1000;
        await write(keyOf(id), payload, ttl);
        if (model === 'Session' && payload.uid !== undefined)
          await write(keyOf(payload.uid, 'SessionUid'), { jti: id }, ttl);
      },
      find: (id) => read(keyOf(id)),
      findByUid: async (uid) => {
        const jti = (await read(keyOf(uid, 'SessionUid')))?.jti;
        return jti === undefined ? undefined : read(keyOf(jti));
      },
      // The device flow is off, so there are no user codes.
      findByUserCode: async () => undefined,
      async consume(id) {
        const payload = await read(keyOf(id));
        if (payload?.exp === undefined) return;
        const now = Math.floor(Date.now() / 1000);
        await write(keyOf(id), { ...payload, consumed: now }, Math.max(1, payload.exp - now) * 1000);
      },
      destroy: (id) => store.delete(keyOf(id)),
      async revokeByGrantId(grantId) {
        for await (const [key, sealed] of store.entries(`${PREFIX}${model}/`)) {
          if (opened(sealer, key, sealed)?.grantId === grantId) await store.delete(key);
        }
      },
    };
  };
}
