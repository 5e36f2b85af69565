import { styleText } from 'node:util';
import type { AppSettings, EmbedSettings, Settings } from '../config/settings.ts';
import { originOf } from '../core/origin.ts';
import type { AllowEntry, Rule } from '../core/types.ts';
import { printable } from '../telemetry/pretty.ts';
import { redactCommand } from '../telemetry/redact.ts';

const WIDTH = 80;
const LABEL = 12;

interface SummaryOptions {
  /** Bold and colour; only for a terminal. */
  readonly colour: boolean;
}

/**
 * What the terminal shows once the gateway listens: where everything is, who may enter, what deserves attention.
 *
 * @param notes - one sentence each, e.g. that a secret was generated
 */
export function summary(settings: Settings, notes: readonly string[], options: SummaryOptions): string {
  const paint = (style: Parameters<typeof styleText>[0], words: string) =>
    options.colour ? styleText(style, words, { validateStream: false }) : words;
  const row = (label: string, text: string) => {
    const [first = '', ...rest] = wrap(text, WIDTH - LABEL);
    return [paint('gray', label.padEnd(LABEL)) + first, ...rest.map((line) => ' '.repeat(LABEL) + line)];
  };

  const lines = [
    '',
    `${paint('bold', 'Portico'.padEnd(LABEL))}${paint(['bold', 'cyan'], settings.publicUrl)}`,
    ...row('', `listening on ${listening(settings)}`),
    '',
    ...settings.apps.flatMap((app) => [
      `${paint('bold', printable(app.title))}  ${paint('cyan', originOf(app, settings.publicUrl) + app.at)}`,
      ...row(app.run ? '  runs' : '  upstream', cut(reachedBy(app), WIDTH - LABEL)),
      ...row('  open to', whoMayEnter(app.allow) + (app.guests ? ', and guests without sign-in' : '')),
      ...app.rules.flatMap((rule) => row('', ruleWords(rule))),
      ...(app.bearer ? row('  tokens of', app.bearer.join(', ')) : []),
      ...(app.embed ? row('  shown by', shownBy(app.embed)) : []),
      '',
    ]),
    ...signIn(settings).flatMap((text, index) => row(index === 0 ? 'Sign-in' : '', text)),
    ...apis(settings).flatMap((text, index) => row(index === 0 ? 'APIs' : '', text)),
    ...tokens(settings).flatMap((text, index) => row(index === 0 ? 'Tokens' : '', text)),
    ...row('Sessions', sessions(settings)),
    ...row('State', printable(settings.stateDir)),
    '',
    ...notes.flatMap((note) => {
      const [first = '', ...rest] = wrap(printable(note), WIDTH - 2);
      return [`${paint('yellow', '!')} ${first}`, ...rest.map((line) => `  ${line}`)];
    }),
    ...(notes.length > 0 ? [''] : []),
  ];
  return `${lines.map((line) => line.trimEnd()).join('\n')}\n`;
}

function listening({ address, port, tls }: Settings): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port}${tls ? ' with TLS' : ''}`;
}

function reachedBy(app: AppSettings): string {
  if (app.run) return redactCommand(app.run);
  return app.upstream ? `http://${app.upstream.hostname}:${app.upstream.port}` : 'nothing';
}

/** An `allow` list in words. */
function whoMayEnter(allow: readonly AllowEntry[]): string {
  return allow.map(entryWords).join(', ') || 'nobody';
}

function entryWords(entry: AllowEntry): string {
  if (entry.kind === 'everyone') return 'everyone who signs in';
  if (entry.kind === 'email') return printable(entry.value);
  if (entry.kind === 'domain') return `*@${printable(entry.value)}`;
  return `${entry.kind} ${printable(entry.value)}`;
}

function ruleWords({ path, access }: Rule): string {
  return `${printable(path)}: ${access.public ? 'everyone, without sign-in' : whoMayEnter(access.allow)}`;
}

function signIn({ providers, dev }: Settings): string[] {
  const real = providers.map(({ title, place }) => `${printable(title)}  ${printable(place)}`);
  if (dev === undefined) return real.length > 0 ? real : ['no provider'];
  const personas = dev.personas.map((persona) => printable(persona.name)).join(', ');
  return [...real, `development only: be ${personas || 'nobody'}`];
}

function apis({ apis: declared }: Settings): string[] {
  return declared.map(({ name, url, apps }) => `${name}  ${printable(url)}, for ${apps.join(', ')}`);
}

function tokens({ bearer = [] }: Settings): string[] {
  return bearer.map(({ name, issuer, audience }) =>
    printable(`${name}  ${issuer}, for ${audience.join(' or ')}`),
  );
}

function shownBy({ origins, inline }: EmbedSettings): string {
  return `pages of ${origins.join(', ')}${inline ? ', also inline' : ''}`;
}

function sessions({ store, session }: Settings): string {
  const where = store.kind === 'memory' ? 'in memory, gone after a restart' : `in ${printable(store.path)}`;
  return `${where}; they end after ${duration(session.absolute)}, idle after ${duration(session.idle)}`;
}

function duration(milliseconds: number): string {
  const units = [
    ['day', 86_400_000],
    ['hour', 3_600_000],
    ['minute', 60_000],
    ['second', 1000],
  ] as const;
  const [unit, size] = units.find(([, length]) => milliseconds >= length && milliseconds % length === 0) ?? [
    'second',
    1000,
  ];
  const count = Math.round(milliseconds / size);
  return `${count} ${unit}${count === 1 ? '' : 's'}`;
}

function cut(text: string, width: number): string {
  const clean = printable(text);
  return clean.length > width ? `${clean.slice(0, width - 1)}…` : clean;
}

/** Lines of at most `width`, broken at spaces; a longer word is left whole, so that paths can be copied. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/(?<=\s)(?=\S)/)) {
    if (line !== '' && (line + word).trimEnd().length > width) {
      lines.push(line.trimEnd());
      line = '';
    }
    line += word;
  }
  return [...lines, line.trimEnd()];
}
