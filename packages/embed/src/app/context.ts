import { within } from '../deadline.ts';

const TIMEOUT_MS = 10_000;
const TRIES = 3;

/**
 * The origin of the page around the app, as the gateway knows it from the session: a message could claim anything.
 *
 * @returns undefined when this is no embedded session, or the gateway does not say
 */
export async function embedderOf(address: URL): Promise<string | undefined> {
  for (let left = TRIES; left > 0; left -= 1) {
    try {
      const response = await within(TIMEOUT_MS, fetch(address, { cache: 'no-store', redirect: 'error' }));
      if (response.status < 500) return response.ok ? originIn(await response.json()) : undefined;
    } catch {
      // Not reached, or not understood; once more.
    }
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
  return undefined;
}

function originIn(context: unknown): string | undefined {
  const { origin } = (context ?? {}) as { origin?: unknown };
  return typeof origin === 'string' && URL.canParse(origin) && new URL(origin).origin === origin
    ? origin
    : undefined;
}
