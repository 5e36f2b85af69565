import { parentPort } from 'node:worker_threads';
import { argon2Verify, bcryptVerify } from 'hash-wasm';

/** One comparison; `kind` and `encoded` as in `StoredPassword`. */
export interface HashQuestion {
  readonly id: number;
  readonly kind: 'argon2id' | 'bcrypt';
  readonly encoded: string;
  readonly password: string;
}

export interface HashAnswer {
  readonly id: number;
  readonly same: boolean;
}

/** bcrypt looks at no more than this, so what htpasswd made of a longer password still fits. */
const BCRYPT_BYTES = 72;

parentPort?.on('message', async ({ id, kind, encoded, password }: HashQuestion) => {
  const bytes = new TextEncoder().encode(password);
  const same = await (kind === 'argon2id'
    ? argon2Verify({ password: bytes, hash: encoded })
    : bcryptVerify({ password: bytes.subarray(0, BCRYPT_BYTES), hash: encoded })
  ).catch(() => false);
  parentPort?.postMessage({ id, same } satisfies HashAnswer);
});
