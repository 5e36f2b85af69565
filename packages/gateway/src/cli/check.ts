import { randomBytes } from 'node:crypto';
import { checkApi } from '../check/apis.ts';
import { checkApp } from '../check/apps.ts';
import { checkBearer } from '../check/bearer.ts';
import { problemsIn, type Section } from '../check/finding.ts';
import { checkGateway } from '../check/gateway.ts';
import { checkProvider } from '../check/provider.ts';
import { report, reportJson } from '../check/report.ts';
import type { ParsedCommand } from '../config/command-line.ts';
import type { Settings } from '../config/settings.ts';
import { originsOf } from '../core/origin.ts';
import { safeFetch } from '../identity/safe-fetch.ts';
import { loadHooks } from '../policy/load-hook.ts';
import { load } from './load.ts';
import { summary } from './summary.ts';

/**
 * `portico check`: the configuration, this machine, and each provider as it answers now. Changes nothing.
 *
 * @returns 0 when all is well, 1 when there are problems; a configuration that cannot be read is 2, by its error
 */
export async function check(
  command: Extract<ParsedCommand, { command: 'serve' | 'check' }>,
): Promise<number> {
  const { settings, notes } = await load({ options: command.options, run: command.run, purpose: 'check' });
  await loadHooks(settings.apps);
  const colour = process.stdout.isTTY === true && !process.env['NO_COLOR'];
  const sections = await examine(settings);
  process.stdout.write(
    command.options['json'] === undefined
      ? summary(settings, notes, { colour }) + report(sections, colour)
      : reportJson(sections),
  );
  return problemsIn(sections) === 0 ? 0 : 1;
}

function examine(settings: Settings): Promise<Section[]> {
  const { publicUrl, apps, apis, bearer = [], providers, session } = settings;
  const origins = originsOf(apps, publicUrl);
  const tools = { clock: Date.now, random: randomBytes };
  const grantsOf = (name: string) =>
    apis.filter(({ provider }) => provider === name).map(({ grant }) => grant);
  return Promise.all([
    checkGateway(settings, origins, Date.now),
    ...providers.map((provider) =>
      checkProvider({
        settings: provider,
        origins,
        wanted: { refresh: session.refresh, grants: grantsOf(provider.name) },
        ...tools,
      }),
    ),
    ...bearer.map((issuer) => checkBearer(issuer, safeFetch(), Date.now)),
    ...apps.map((app) => checkApp(app, publicUrl, process.env['PATH'])),
    ...apis.filter(({ url }) => !url.startsWith(`${publicUrl}/`)).map((api) => checkApi(api)),
  ]);
}
