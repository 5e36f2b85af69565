import { randomBytes } from 'node:crypto';
import { delimiter, join } from 'node:path';
import { type AppProcess, supervise } from '../../src/apps/supervisor.ts';
import { EXAMPLE_APPS, type ExampleName, repositoryRoot } from '../../src/demo/examples.ts';

export type { ExampleName };

/**
 * Starts one of the real example apps with the launch plan that the gateway uses and waits until it answers.
 *
 * @param python - folder of the environment's programs, from `ensurePython`
 */
export async function startExample(
  name: ExampleName,
  options: { python: string; publicOrigin: string; basePath?: string; writeLine?: (line: string) => void },
): Promise<AppProcess> {
  const app = supervise(
    {
      name,
      type: EXAMPLE_APPS[name].type,
      argv: EXAMPLE_APPS[name].run,
      cwd: join(repositoryRoot(), 'examples', name),
      basePath: options.basePath ?? `/${name}`,
      publicOrigin: options.publicOrigin,
      issuer: options.publicOrigin,
      gatewayUrl: options.publicOrigin,
      credential: randomBytes(32).toString('base64url'),
      signingSecret: randomBytes(32).toString('base64url'),
    },
    {
      writeLine: options.writeLine ?? (() => undefined),
      colour: false,
      environment: {
        ...process.env,
        PATH: options.python + delimiter + (process.env['PATH'] ?? ''),
        PYTHONDONTWRITEBYTECODE: '1',
      },
      withheld: [],
      now: Date.now,
      random: randomBytes,
    },
  );
  await new Promise<void>((settle, fail) => {
    const judge = () => {
      if (app.state === 'ready') settle();
      else if (app.state === 'crashed')
        fail(new Error(`${name} did not start:\n${app.recentLog.join('\n')}`));
    };
    app.onChange(judge);
    judge();
  }).catch(async (problem: unknown) => {
    await app.stop(0);
    throw problem;
  });
  return app;
}
