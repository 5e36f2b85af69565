import { randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { parseCommandLine } from './config/command-line.ts';
import { ConfigError, formatProblems } from './config/problems.ts';
import { GatewayError } from './core/errors.ts';

/** Exit codes: 0 done, 1 something failed, 2 the command line or the configuration is wrong. */
async function main(argv: readonly string[]): Promise<number> {
  const command = parseCommandLine(argv, process.env);
  switch (command.command) {
    case 'help':
      process.stdout.write(command.text);
      return 0;
    case 'version':
      process.stdout.write(`${version()}\n`);
      return 0;
    case 'secret': {
      const { newSecret } = await import('./config/secret.ts');
      process.stdout.write(`${newSecret(randomBytes)}\n`);
      return 0;
    }
    case 'hash-password': {
      const { hashPassword } = await import('./cli/hash-password.ts');
      return hashPassword();
    }
    case 'completion': {
      const { completionScript } = await import('./config/completion.ts');
      process.stdout.write(completionScript(command.shell));
      return 0;
    }
    case 'check': {
      const { check } = await import('./cli/check.ts');
      return check(command);
    }
    case 'sessions': {
      const { sessions } = await import('./cli/sessions.ts');
      return sessions(command);
    }
    case 'demo': {
      const { demo } = await import('./cli/demo.ts');
      return demo(command, version());
    }
    case 'serve': {
      const { serve } = await import('./cli/serve.ts');
      return serve(command, version());
    }
  }
}

function version(): string {
  return (createRequire(import.meta.url)('../package.json') as { version: string }).version;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof ConfigError) process.stderr.write(formatProblems(error.problems));
  else if (error instanceof GatewayError) {
    process.stderr.write(
      `portico: ${error.message}${error.publicHint === undefined ? '' : `\n${error.publicHint}`}\n`,
    );
  } else throw error;
  process.exitCode = error instanceof ConfigError ? 2 : 1;
}
