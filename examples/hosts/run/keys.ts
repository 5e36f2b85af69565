import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** New keys for the products that sign tokens themselves: a pair for PHP, and a secret that C# and the gateway share. */
export async function writeKeys(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const files = {
    'php.pem': privateKey.export({ type: 'pkcs8', format: 'pem' }),
    'php.pub.pem': publicKey.export({ type: 'spki', format: 'pem' }),
    'csharp.secret': randomBytes(48).toString('base64url'),
  };
  for (const [name, text] of Object.entries(files))
    await writeFile(join(folder, name), text, { mode: 0o600 });
}
