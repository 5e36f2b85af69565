import type { Told } from './entry.ts';

/** What a failure of the OIDC client carries; read by shape, so that this file needs not load the client. */
interface Failure {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
  /** OAuth error code, in an authorization response or a response body (RFC 6749 sections 4.1.2.1 and 5.2). */
  readonly error?: unknown;
  readonly error_description?: unknown;
  /** Entra's: what would help. */
  readonly suberror?: unknown;
  readonly status?: unknown;
  readonly claim?: unknown;
  readonly headers?: unknown;
  readonly cause?: unknown;
}

const DEEPEST = 4;

/**
 * Text for the log: one line, short, and nothing in it that opens anything. Providers echo codes and tokens in their
 * descriptions, therefore every long run of token characters goes, whatever it is.
 */
export function redact(text: unknown): string {
  return String(text)
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .replace(/[\w\-.~+/=]{20,}/g, (run) =>
      /^https?:\/\//.test(run) || /^[a-z_.]+$/.test(run) ? run : '[redacted]',
    )
    .slice(0, 300);
}

/** The failure, then what caused it, and so on. */
export function chain(error: unknown): readonly Failure[] {
  const found: Failure[] = [];
  let current: unknown = error;
  while (found.length < DEEPEST && current !== undefined && current !== null) {
    const failure: Failure = typeof current === 'object' ? current : { message: current };
    found.push(failure);
    // The parameters of a callback: their words are on the error above already, and a code may be among them.
    current = failure.cause instanceof URLSearchParams ? undefined : failure.cause;
  }
  return found;
}

/** The failure and its causes as one line. Causes of the client hold whole responses, so only chosen words are kept. */
export function summary(error: unknown): string {
  return chain(error)
    .flatMap((failure) => {
      const { name, code, message, error: oauth, error_description: description, status, claim } = failure;
      return [
        failure instanceof Error
          ? `${String(name)}${code === undefined ? '' : ` ${String(code)}`}: ${redact(message)}`
          : '',
        typeof oauth === 'string' ? `error=${redact(oauth)}` : '',
        typeof description === 'string' ? `description=${redact(description)}` : '',
        typeof status === 'number' ? `status=${status}` : '',
        typeof claim === 'string' ? `claim=${redact(claim)}` : '',
      ];
    })
    .filter((words) => words !== '')
    .join('; ');
}

/** Status of the provider's answer, where there was one. */
export function statusOf(error: unknown): number | undefined {
  return chain(error).findLast(({ status }) => typeof status === 'number')?.status as number | undefined;
}

/** What the catalogue is searched for. */
export function toldBy(error: unknown, doing: string): Told {
  const failures = chain(error);
  const texts = (pick: (failure: Failure) => unknown): string[] =>
    failures.map(pick).filter((value) => typeof value === 'string');
  const errors = texts((failure) => failure.error);
  const codes = [...texts(({ code }) => code), ...texts(({ name }) => name), ...answered(failures)];
  const messages = failures.filter((failure) => failure instanceof TypeError).map(({ message }) => message);
  const text = [...errors, ...texts((failure) => failure.error_description), ...messages].join('\n');
  return { errors, text, codes, doing };
}

/** Words for an answer without an OAuth error in it. */
function answered(failures: readonly Failure[]): string[] {
  const response = failures.find((failure) => failure instanceof Response);
  if (response === undefined) return [];
  const { status, headers } = response;
  const html = headers.get('content-type')?.includes('html') === true && status < 300;
  return [
    `status ${status}`,
    ...(status >= 500 ? ['status 5xx'] : []),
    ...(status >= 300 && status < 400 ? ['redirect'] : []),
    ...(html ? ['html'] : []),
  ];
}
