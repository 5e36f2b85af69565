import { isSaturated, type Results, sessionLoads, value } from './results.ts';

type Row = readonly string[];

type Column = readonly [title: string, cell: (peer: string) => string];

/**
 * The comparison as Markdown, which also reads well in a terminal: up to two tables. Ratios are to nginx; more is faster. The
 * ratio of processor time hardly changes when the machine is busy with other things, the ratio of rates does.
 */
export function tables(data: Results): string {
  const of = (peer: string, test: string, column: string) => value(data, peer, test, column);
  const number =
    (test: string, column: string, digits = 0, scale = 1) =>
    (peer: string) =>
      format(of(peer, test, column), digits, scale);
  const rate = (test: string, column: string) => (peer: string) =>
    format(of(peer, test, column), 0) + unsaturated(data, peer, test);
  const share = (test: string, column: string) => (peer: string) =>
    ratio(of(peer, test, column), of('nginx', test, column));
  const cheapness = (test: string) => (peer: string) =>
    ratio(of('nginx', test, 'cpuMicros'), of(peer, test, 'cpuMicros'));
  const requests: readonly Column[] = [
    ['GETs a second', rate('get', 'perSecond')],
    ['of nginx', share('get', 'perSecond')],
    ['p50 ms', number('get', 'p50', 2, 1e-3)],
    ['p99 ms', number('get', 'p99', 2, 1e-3)],
    ['CPU µs a GET', number('get', 'cpuMicros', 1)],
    ['by CPU', cheapness('get')],
  ];
  const rest: readonly Column[] = [
    ['messages a second', rate('ws', 'perSecond')],
    ['of nginx', share('ws', 'perSecond')],
    ['by CPU', cheapness('ws')],
    ['p99 ms', number('ws', 'p99', 2, 1e-3)],
    ['download MB/s', rate('download', 'megabytesPerSecond')],
    ['of nginx', share('download', 'megabytesPerSecond')],
    ['by CPU', cheapness('download')],
    ['KiB an idle socket', number('idle', 'kibPerSocket', 1)],
    ['start ms', number('start', 'milliseconds')],
  ];
  const measured = (tests: readonly string[]) => data.measurements.some((one) => tests.includes(one.case));
  return [
    ...(measured(['get']) ? [comparison(data, requests)] : []),
    ...(measured(['ws', 'download', 'idle', 'start']) ? [comparison(data, rest)] : []),
  ].join('\n\n');
}

function comparison(data: Results, columns: readonly Column[]): string {
  return markdown([
    ['', ...columns.map(([title]) => title)],
    ...data.peers.map(({ name, title }) => [title, ...columns.map(([, cell]) => cell(name))]),
  ]);
}

/** Cost of a request by the number of sessions in the store. */
export function sessionsTable(data: Results): string | undefined {
  const loads = sessionLoads(data);
  const first = loads[0];
  if (first === undefined) return undefined;
  return markdown([
    ['sessions in the store', 'active', 'GETs a second', 'p99 ms', 'CPU µs a GET', 'by CPU', 'start ms'],
    ...loads.map((load) => [
      load.sessions.toLocaleString('en'),
      load.active.toLocaleString('en'),
      format(load.of('perSecond'), 0) + ((load.of('serverCpu') ?? 1) < 0.85 ? '*' : ''),
      format(load.of('p99'), 2, 1e-3),
      format(load.of('cpuMicros'), 1),
      ratio(first.of('cpuMicros'), load.of('cpuMicros')),
      format(load.of('startMilliseconds'), 0),
    ]),
  ]);
}

/** A `*` marks a measurement in which the server had processor time to spare: it may be faster than shown. */
function unsaturated(data: Results, peer: string, test: string): string {
  return isSaturated(data, peer, test) ? '' : '*';
}

function format(number: number | undefined, digits: number, scale = 1): string {
  if (number === undefined || Number.isNaN(number)) return '–';
  return (number * scale).toLocaleString('en', {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}

function ratio(number: number | undefined, base: number | undefined): string {
  return number === undefined || base === undefined ? '–' : (number / base).toFixed(2);
}

function markdown(rows: readonly Row[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(3, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: Row) =>
    `| ${row.map((text, column) => (column === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[column] ?? 0))).join(' | ')} |`;
  const rule = `| ${widths.map((width, column) => (column === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`)).join(' | ')} |`;
  const [head = [], ...body] = rows;
  return [line(head), rule, ...body.map(line)].join('\n');
}
