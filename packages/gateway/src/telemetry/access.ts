import type { Log } from './log.ts';

/** One request that was answered. */
export interface Access {
  readonly requestId: string;
  readonly method: string;
  /** Without the query, which may hold anything. */
  readonly path: string;
  readonly status: number;
  readonly milliseconds: number;
  readonly app?: string | undefined;
  readonly sid?: string | undefined;
}

/**
 * Writes one debug line per request, or is `undefined` when nobody wants them. Call it as `access?.({ … })`: then
 * not even the argument is made while the level is off.
 */
export function createAccessLog(log: Log): ((access: Access) => void) | undefined {
  if (!log.isLevelEnabled('debug')) return undefined;
  return ({ requestId, method, path, status, milliseconds, app, sid }) =>
    log.debug(
      {
        app,
        method,
        path: path.split('?', 1)[0],
        status,
        ms: Math.round(milliseconds * 10) / 10,
        sid,
        request_id: requestId,
      },
      'request',
    );
}
