import { type Results, value } from './results.ts';

/** What we promise ourselves to reach, each with what was measured. */
export function targets(data: Results): { text: string; met: boolean | undefined }[] {
  const get = (peer: string) => value(data, peer, 'get', 'perSecond');
  const faster = Math.max(get('caddy') ?? 0, get('oauth2-proxy') ?? 0) || undefined;
  const ofNginx = (test: string, column: string) =>
    divide(value(data, 'portico', test, column), value(data, 'nginx', test, column));
  return [
    atLeast('small GETs, of nginx', divide(get('portico'), get('nginx')), 0.27),
    atLeast('small GETs, of the faster of Caddy and oauth2-proxy', divide(get('portico'), faster), 1.4),
    atLeast('small GETs, of mod_auth_openidc', divide(get('portico'), get('apache-openidc')), 2.5),
    atLeast('WebSocket echo, of nginx', ofNginx('ws', 'perSecond'), 0.8),
    atLeast('download, of nginx', ofNginx('download', 'megabytesPerSecond'), 0.8),
    atMost('KiB per idle WebSocket', value(data, 'portico', 'idle', 'kibPerSocket'), 24),
    atMost('milliseconds to the first answer', value(data, 'portico', 'start', 'milliseconds'), 500),
  ];
}

function divide(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a / b;
}

function atLeast(what: string, measured: number | undefined, bound: number) {
  return {
    text: `${what}: ${measured?.toFixed(2) ?? 'not measured'} (at least ${bound})`,
    met: measured === undefined ? undefined : measured >= bound,
  };
}

function atMost(what: string, measured: number | undefined, bound: number) {
  return {
    text: `${what}: ${measured?.toFixed(1) ?? 'not measured'} (at most ${bound})`,
    met: measured === undefined ? undefined : measured <= bound,
  };
}
