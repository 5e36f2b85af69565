import { EmbedError } from '../errors.ts';

/** How often, in milliseconds, an app that is still starting is asked again. */
const AGAIN_MS = 1000;
const ATTEMPTS = 60;

/** The app's page as it was answered, and where it was found. */
export interface AppPage {
  readonly url: URL;
  readonly document: Document;
}

/** @param send - `fetch` that attaches the token @throws EmbedError */
export async function fetchPage(url: URL, send: typeof fetch, signal: AbortSignal): Promise<AppPage> {
  for (let left = ATTEMPTS; ; left -= 1) {
    const response = await send(url, { headers: { Accept: 'text/html' }, signal }).catch((error) => {
      if (signal.aborted || error instanceof EmbedError) throw error;
      throw new EmbedError('unreachable', 'The app did not answer, or does not allow this page.', 'wait');
    });
    // The gateway starts apps when they are first asked for.
    if (response.status === 503 && left > 0) {
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      signal.throwIfAborted();
      continue;
    }
    if (!response.ok) throw refusal(response.status);
    const document = new DOMParser().parseFromString(await response.text(), 'text/html');
    return { url: new URL(response.url), document };
  }
}

function refusal(status: number): EmbedError {
  if (status === 401) return new EmbedError('token_refused', 'The app refuses the token.', 'sign_in');
  if (status === 403) return new EmbedError('forbidden', 'This person may not open the app.');
  if (status >= 500) return new EmbedError('unavailable', 'The app cannot answer now.', 'wait');
  return new EmbedError('refused', `The app answered with status ${status}.`);
}
