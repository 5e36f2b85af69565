import { findExecutable, notFound } from '../apps/executable.ts';
import { launchPlan } from '../apps/presets.ts';
import type { AppSettings } from '../config/settings.ts';
import { GatewayError } from '../core/errors.ts';
import { originOf } from '../core/origin.ts';
import { budgetFinding } from './budget.ts';
import { type Finding, note, ok, problem, type Section } from './finding.ts';
import { takesConnections } from './reach.ts';

/** Whether an app could be started or reached. Starts nothing. */
export async function checkApp(
  app: AppSettings,
  publicUrl: string,
  path: string | undefined,
): Promise<Section> {
  const reach = app.run === undefined ? await upstream(app) : command(app, publicUrl, path);
  return {
    title: `App ${app.name} (${app.type})`,
    findings: [...reach, ...open(app), ...embedded(app, publicUrl), budgetFinding(app)],
  };
}

function command(app: AppSettings, publicUrl: string, path: string | undefined): Finding[] {
  const { run = [], env, cwd = process.cwd() } = app;
  let argv: readonly string[];
  try {
    argv = launchPlan(app.type, run, {
      name: app.name,
      port: 0,
      basePath: app.at,
      publicOrigin: originOf(app, publicUrl),
      issuer: publicUrl,
      gatewayUrl: '',
      credential: '',
      signingSecret: '',
      cookieSecret: '',
    }).argv;
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return [
      problem(
        error.code,
        error.message,
        'Give the app a host of its own: host: sales.example.com in place of at.',
      ),
    ];
  }
  const [program = ''] = argv;
  return [
    findExecutable(program, cwd, env?.['PATH'] ?? path) === undefined
      ? problem(
          'command_not_found',
          notFound(program),
          'Activate the virtual environment, or write the whole path of the program under run.',
        )
      : ok('command', `${program} is there, and can be served at ${app.at}.`),
  ];
}

async function upstream({ upstream: to }: AppSettings): Promise<Finding[]> {
  if (to === undefined) return [];
  const where = `${to.hostname}:${to.port}`;
  return [
    (await takesConnections(to.hostname, to.port))
      ? ok('upstream', `The app answers at ${where}.`)
      : note('upstream_down', `Nobody answers at ${where} now.`, 'Start the app, or correct upstream.'),
  ];
}

function open({ allow, guests }: AppSettings): Finding[] {
  return [
    ...(allow.length === 0 ? [note('nobody_allowed', 'Nobody may enter.', 'List people under allow.')] : []),
    ...(guests === true ? [note('guests', 'Whoever is not signed in may enter as nobody.')] : []),
  ];
}

/** Browsers keep no cookie of plain http inside the page of another site. */
function embedded({ embed }: AppSettings, publicUrl: string): Finding[] {
  if (embed === undefined) return [];
  const others = embed.origins.filter((origin) => origin !== publicUrl);
  if (others.length === 0 || publicUrl.startsWith('https:'))
    return [ok('embed', `Pages of ${embed.origins.join(', ')} may show it.`)];
  return [
    note(
      'embed_plain_http',
      `Pages of ${others.join(', ')} may show it, but over plain http no browser keeps a session in a frame.`,
      'Write public_url with https, and give tls a certificate; on this machine one of your own will do.',
    ),
  ];
}
