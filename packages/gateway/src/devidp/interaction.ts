import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Provider } from 'oidc-provider';
import type { Persona } from '../config/settings.ts';
import { DEV_CSP } from './configuration.ts';
import { devProblemPage, personaPage } from './pages.ts';

const MAX_FORM_BYTES = 4096;

/** `GET|POST <issuer>/interaction/<uid>`: the page of personas, and the click on one of them. */
export async function interaction(
  provider: Provider,
  personas: readonly Persona[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  let details: Awaited<ReturnType<Provider['interactionDetails']>>;
  try {
    details = await provider.interactionDetails(request, response);
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'SessionNotFound') throw error;
    return sendHtml(
      response,
      400,
      devProblemPage('This sign-in has ended', 'It took too long, or it went on in another tab.'),
    );
  }
  const action = `${provider.issuer}/interaction/${details.uid}`;
  if (request.method === 'POST') {
    const form = await readForm(request);
    const chosen = personas.find(({ id }) => id === form?.get('persona'));
    if (form === undefined || crossSite(request) || (chosen === undefined && !form.has('cancel'))) {
      return sendHtml(
        response,
        400,
        devProblemPage('This did not work', 'Choose one of the people on the sign-in page.'),
      );
    }
    const result =
      chosen === undefined
        ? { error: 'access_denied', error_description: 'cancelled' }
        : { login: { accountId: chosen.id }, select_account: {}, consent: {} };
    return provider.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  }
  if (details.prompt.name === 'consent') {
    return provider.interactionFinished(
      request,
      response,
      { consent: {} },
      { mergeWithLastSubmission: true },
    );
  }
  sendHtml(response, 200, personaPage(personas, new URL(action).pathname));
}

/** A form on another site must not choose who is signed in here (login CSRF). */
function crossSite(request: IncomingMessage): boolean {
  const site = request.headers['sec-fetch-site'];
  return site !== undefined && site !== 'same-origin';
}

async function readForm(request: IncomingMessage): Promise<URLSearchParams | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_FORM_BYTES) return undefined;
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString());
}

export function sendHtml(response: ServerResponse, status: number, page: string): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': DEV_CSP,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
  });
  response.end(page);
}
