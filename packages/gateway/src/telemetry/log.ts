import { type DestinationStream, destination, type Logger, pino, stdTimeFunctions } from 'pino';
import { prettyStream } from './pretty.ts';
import { redact } from './redact.ts';

interface LogSettings {
  readonly level: 'debug' | 'info' | 'warn' | 'error';
  readonly format: 'pretty' | 'json';
}

/**
 * Structured log. `log.error({ err, request_id }, 'what happened')`; field names are snake_case.
 * `log.child({ request_id })` for all that belongs to one request.
 */
export type Log = Logger;

/**
 * Secrets are kept out twice: objects are reduced before they are written, and every finished line is read once more
 * on its way out, so that one in a message, in a child's bindings or in a library's error is caught as well.
 *
 * @param stream - where lines go; standard output when absent
 */
export function createLog(settings: LogSettings, stream?: DestinationStream & { isTTY?: boolean }): Log {
  const { NO_COLOR } = process.env;
  const terminal = (stream ?? process.stdout).isTTY === true;
  const sink = stream ?? destination({ fd: 1, sync: true });
  return pino(
    {
      level: settings.level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }), log: redactFields },
      hooks: { streamWrite: redactLine },
      serializers: { err: (value: unknown) => value },
    },
    settings.format === 'pretty' ? prettyStream(sink, terminal && !NO_COLOR) : sink,
  );
}

function redactFields(fields: object): Record<string, unknown> {
  return redact({ ...fields }) as Record<string, unknown>;
}

function redactLine(line: string): string {
  return `${JSON.stringify(redactFields(JSON.parse(line)))}\n`;
}
