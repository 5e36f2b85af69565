import { randomBytes } from 'node:crypto';
import type { ParsedCommand } from '../config/command-line.ts';
import { GatewayError } from '../core/errors.ts';
import { createProvider } from '../identity/create.ts';
import { loadHooks } from '../policy/load-hook.ts';
import { load } from './load.ts';
import { summary } from './summary.ts';

/** `portico check`: the configuration here, then the metadata of each provider. Changes nothing. */
export async function check(
  command: Extract<ParsedCommand, { command: 'serve' | 'check' }>,
): Promise<number> {
  const { settings, notes } = await load({ options: command.options, run: command.run, purpose: 'check' });
  await loadHooks(settings.apps);
  process.stdout.write(
    summary(settings, notes, { colour: process.stdout.isTTY === true && !process.env['NO_COLOR'] }),
  );
  let failed = 0;
  for (const provider of settings.providers) {
    process.stdout.write(`${provider.name}: asking ${provider.place} … `);
    try {
      const built = await createProvider(provider, { clock: Date.now, random: randomBytes });
      if (built.kind !== 'redirect') {
        process.stdout.write('needs nobody else\n');
        continue;
      }
      await built.authorizationUrl({
        provider: provider.name,
        state: 'check',
        nonce: 'check',
        codeVerifier: 'check',
        redirectUri: `${settings.publicUrl}/.auth/login/${provider.name}/callback`,
        returnTo: '/',
        createdAt: Date.now(),
      });
      process.stdout.write('answers\n');
      process.stdout.write(
        `  Register this redirect URI there: ${settings.publicUrl}/.auth/login/${provider.name}/callback\n`,
      );
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error;
      failed++;
      process.stdout.write(
        `does not work\n  ${error.message}\n  Fix: ${error.publicHint ?? 'check the issuer and the network'}\n`,
      );
    }
  }
  process.stdout.write(
    failed === 0 ? 'All is well.\n' : `${failed} of ${settings.providers.length} providers cannot be used.\n`,
  );
  return failed === 0 ? 0 : 2;
}
