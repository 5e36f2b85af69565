const DEEPEST = 4;

/**
 * Milliseconds that a provider's failed answer asks to wait: `Retry-After` (RFC 9110 section 10.2.3), in seconds or as a date.
 *
 * @param error - what the OIDC client threw; the answer is somewhere in it or in its causes
 */
export function retryAfter(error: unknown, now: number): number | undefined {
  let current: unknown = error;
  for (let depth = 0; depth < DEEPEST && typeof current === 'object' && current !== null; depth++) {
    const { response, cause } = current as { response?: unknown; cause?: unknown };
    for (const answer of [current, response]) {
      const value = answer instanceof Response ? answer.headers.get('retry-after') : null;
      if (value !== null) return wait(value, now);
    }
    current = cause;
  }
  return undefined;
}

function wait(value: string, now: number): number | undefined {
  const milliseconds = /^\d{1,9}$/.test(value) ? Number(value) * 1000 : Date.parse(value) - now;
  return milliseconds > 0 ? milliseconds : undefined;
}
