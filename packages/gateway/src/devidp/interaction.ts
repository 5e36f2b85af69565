import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Provider } from 'oidc-provider';
import type { Persona } from '../config/settings.ts';
import { readOwnForm, sendHtml } from './form.ts';
import { devProblemPage, personaPage } from './pages.ts';

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
    const form = await readOwnForm(request, new URL(provider.issuer).origin);
    const chosen = personas.find(({ id }) => id === form?.get('persona'));
    if (form === undefined || (chosen === undefined && !form.has('cancel'))) {
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
