import { type Results, value } from './results.ts';

type Row = readonly string[];

/**
 * The comparison as Markdown, which also reads well in a terminal. Ratios are to nginx; more is faster. The ratio of
 * processor time hardly changes when the machine is busy with other things, the ratio of rates does.
 */
export function table(data: Results): string {
  const rows: Row[] = [
    [
      '',
      'GET/s',
      'of nginx',
      'p50 ms',
      'p99 ms',
      'CPU µs',
      'WS msg/s',
      'of nginx',
      'WS p99 ms',
      'MB/s',
      'of nginx',
      'KiB/socket',
      'start ms',
    ],
    ...data.peers.map(({ name, title }) => {
      const cell = (test: string, column: string, digits = 0, scale = 1) =>
        format(value(data, name, test, column), digits, scale);
      const share = (test: string, column: string) =>
        ratio(value(data, name, test, column), value(data, 'nginx', test, column));
      return [
        title,
        cell('get', 'perSecond') + unsaturated(data, name, 'get'),
        share('get', 'perSecond'),
        cell('get', 'p50', 2, 1e-3),
        cell('get', 'p99', 2, 1e-3),
        cell('get', 'cpuMicrosPerRequest', 1),
        ratio(
          value(data, 'nginx', 'get', 'cpuMicrosPerRequest'),
          value(data, name, 'get', 'cpuMicrosPerRequest'),
        ),
        cell('ws', 'perSecond') + unsaturated(data, name, 'ws'),
        share('ws', 'perSecond'),
        cell('ws', 'p99', 2, 1e-3),
        cell('download', 'megabytesPerSecond') + unsaturated(data, name, 'download'),
        share('download', 'megabytesPerSecond'),
        cell('idle', 'kibPerSocket', 1),
        cell('start', 'milliseconds'),
      ];
    }),
  ];
  return markdown(rows);
}

/** Cost of a request by the number of sessions in the store. */
export function sessionsTable(data: Results): string | undefined {
  const rows = data.measurements.filter((measurement) => measurement.case === 'sessions');
  const counts = [...new Set(rows.map(({ values }) => values['sessions'] ?? 0))].sort((a, b) => a - b);
  if (counts.length === 0) return undefined;
  const of = (count: number, column: string) =>
    value(
      { ...data, measurements: rows.filter(({ values }) => values['sessions'] === count) },
      'portico',
      'sessions',
      column,
    );
  return markdown([
    ['sessions in the store', 'GET/s', 'of the first', 'p99 ms', 'CPU µs', 'start ms'],
    ...counts.map((count) => [
      count.toLocaleString('en'),
      format(of(count, 'perSecond'), 0),
      ratio(of(count, 'perSecond'), of(counts[0] ?? 0, 'perSecond')),
      format(of(count, 'p99'), 2, 1e-3),
      format(of(count, 'cpuMicrosPerRequest'), 1),
      format(of(count, 'startMilliseconds'), 0),
    ]),
  ]);
}

/** A `*` marks a measurement in which the server had processor time to spare: it may be faster than shown. */
function unsaturated(data: Results, peer: string, test: string): string {
  return (value(data, peer, test, 'serverCpu') ?? 1) < 0.85 ? '*' : '';
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
