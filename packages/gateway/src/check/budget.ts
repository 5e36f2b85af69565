import { ASSERTION_LIMIT } from '../assertion/mint.ts';
import type { AppSettings, AppType } from '../config/settings.ts';
import { type Finding, note, ok } from './finding.ts';

interface Limit {
  readonly server: string;
  /** Bytes of all headers together. */
  readonly total?: number;
  /** Bytes of one header line. */
  readonly line?: number;
}

/** https://www.tornadoweb.org/en/stable/httpserver.html, `max_header_size`. */
const TORNADO: Limit = { server: 'Tornado', total: 65_536 };
/** https://uvicorn.dev/settings/, `--h11-max-incomplete-event-size`. */
const UVICORN: Limit = { server: 'Uvicorn with h11', total: 16_384 };
/** https://gunicorn.org/reference/settings/, `limit_request_field_size`. */
const GUNICORN: Limit = { server: 'Gunicorn', line: 8190 };

const LIMITS: Readonly<Partial<Record<AppType, Limit>>> = {
  streamlit: TORNADO,
  panel: TORNADO,
  bokeh: TORNADO,
  jupyter: TORNADO,
  voila: TORNADO,
  gradio: UVICORN,
  marimo: UVICORN,
  shiny: UVICORN,
  dash: GUNICORN,
};

/** Identity headers beside the assertion, with the longest subject, address and name, and where the request came from. */
const PLAIN_HEADERS = 1_800;
/** What a browser sends with a page of an app that keeps a few cookies. */
const BROWSER = 4_096;
/** Bokeh copies every header into a token that comes back in `Sec-WebSocket-Protocol`, in base64. */
const COPIED: readonly AppType[] = ['panel', 'bokeh'];
/** Signed cookies that tell a Panel app who is there. */
const PANEL_COOKIES = 4_096;

/** Whether what the gateway adds fits into what the app's server takes. */
export function budgetFinding({ type, run }: AppSettings): Finding {
  const added = ASSERTION_LIMIT + PLAIN_HEADERS + (type === 'panel' ? PANEL_COOKIES : 0);
  const once = added + BROWSER;
  const total = COPIED.includes(type) ? once + Math.ceil((once * 4) / 3) : once;
  const limit = run?.some((word) => /(?:^|\/)gunicorn$/.test(word)) ? GUNICORN : LIMITS[type];
  const size = `With the browser’s own, requests may have ${kib(total)} of headers, ${kib(added)} of them Portico’s`;
  if (limit === undefined)
    return note('header_budget', `${size}.`, 'Look whether the app’s server takes that much.');
  const { server, line, total: whole } = limit;
  const fits =
    total <= (whole ?? Number.POSITIVE_INFINITY) && ASSERTION_LIMIT < (line ?? Number.POSITIVE_INFINITY);
  const takes = whole === undefined ? `${line} bytes in a line` : kib(whole);
  return fits
    ? ok('header_budget', `${size}; ${server} takes ${takes}.`)
    : note(
        'header_budget',
        `${size}; ${server} takes only ${takes}.`,
        'Raise the limit of the app’s server.',
      );
}

function kib(bytes: number): string {
  return `${(bytes / 1024).toFixed(1)} KiB`;
}
