import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Html, html } from '../http/pages/html.ts';
import { layout } from '../http/pages/layout.ts';
import { initials } from '../http/pages/people.ts';
import { readOwnForm, sendHtml } from './form.ts';
import { devProblemPage, LABEL, STYLE } from './pages.ts';
import type { DevPerson, People } from './people.ts';

export const PEOPLE_PATH = '/.auth/dev/people';

interface PeoplePageOptions {
  readonly people: People;
  /** Origin of the gateway as the browser knows it. */
  readonly origin: string;
  /** Life of access tokens in milliseconds. */
  readonly tokenLifetime: number;
  /** The access tokens of this person are over: for whoever keeps some. */
  readonly onTokensEnded: (id: string) => Promise<void>;
}

/** What a form may ask for, and what the page says afterwards. */
const DONE: Readonly<Record<string, string>> = {
  save: 'Saved. It counts from the next time that tokens are renewed.',
  end: 'Saved, and every access token of this person is over: open apps see it now.',
  reset: 'As in the configuration again.',
};

/** `GET|POST /.auth/dev/people`: who the made-up people are, for a developer to change while an app is open. */
export async function peoplePage(
  options: PeoplePageOptions,
  query: URLSearchParams,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { people, origin } = options;
  if (request.method !== 'POST') {
    // Its forms are good on the public address only.
    if (request.headers.host !== new URL(origin).host)
      return void response.writeHead(302, { location: origin + PEOPLE_PATH }).end();
    const page = drawPeople(await people.all(), options.tokenLifetime, query);
    return sendHtml(response, 200, page);
  }
  const form = await readOwnForm(request, origin);
  const person = await people.find(form?.get('person') ?? '');
  const wanted = form?.get('do') ?? '';
  if (form === undefined || person === undefined || !Object.hasOwn(DONE, wanted)) {
    const page = devProblemPage(
      'This did not work',
      'Nothing was changed. Load the page again and try once more.',
    );
    return sendHtml(response, 400, page);
  }
  if (wanted === 'reset') await people.reset(person.id);
  else await people.change(person.id, { roles: names(form.get('roles')), groups: names(form.get('groups')) });
  if (wanted === 'end') {
    await people.endTokens(person.id);
    await options.onTokensEnded(person.id);
  }
  const back = new URLSearchParams({ done: wanted, person: person.id });
  response.writeHead(303, { location: `${PEOPLE_PATH}?${back}`, 'cache-control': 'no-store' }).end();
}

/** Separated by commas, each once. */
function names(text: string | null): string[] {
  const all = (text ?? '').split(',').map((name) => name.trim());
  return [...new Set(all.filter((name) => name !== ''))];
}

function drawPeople(people: readonly DevPerson[], tokenLifetime: number, query: URLSearchParams): string {
  const done = query.get('done') ?? '';
  const message = Object.hasOwn(DONE, done) ? DONE[done] : undefined;
  return layout({
    title: 'People',
    shape: 'wide',
    head: STYLE,
    body: html`${LABEL}
<h1>People</h1>
<p class="lead">Change what somebody may do, and see what your app makes of it. Tokens live for ${spoken(tokenLifetime)}; a change counts when they are renewed, or at once when you end them.</p>
<ul class="people">${people.map((person) => html`<li>${card(person, person.id === query.get('person') ? message : undefined)}</li>`)}</ul>`,
  }).toString();
}

function card(person: DevPerson, message: string | undefined): Html {
  return html`<form class="panel person-form" method="post" action="${PEOPLE_PATH}">
<h2 class="person"><span class="avatar" aria-hidden="true">${initials(person.name)}</span><span class="who"><bdi class="name">${person.name}</bdi> <bdi class="mail">${person.email}</bdi></span></h2>
${message !== undefined && html`<p class="saved" role="status">${message}</p>`}
<input type="hidden" name="person" value="${person.id}">
${field(person, 'roles', 'Roles')}
${field(person, 'groups', 'Groups')}
<p class="actions"><button class="button primary small" type="submit" name="do" value="save">Save</button>
<button class="button small" type="submit" name="do" value="end">Save and end tokens now</button>
${person.changed && html`<button class="button small" type="submit" name="do" value="reset">As configured</button>`}</p>
</form>`;
}

function field(person: DevPerson, name: 'roles' | 'groups', label: string): Html {
  const id = `${name}-${person.id}`;
  return html`<p class="field"><label for="${id}">${label}</label><input id="${id}" name="${name}" value="${person[name].join(', ')}" placeholder="none" autocomplete="off" autocapitalize="none" spellcheck="false"></p>`;
}

function spoken(milliseconds: number): string {
  const [value, unit] =
    milliseconds % 3_600_000 === 0
      ? [milliseconds / 3_600_000, 'hour']
      : milliseconds % 60_000 === 0
        ? [milliseconds / 60_000, 'minute']
        : [milliseconds / 1000, 'second'];
  return `${value} ${unit}${value === 1 ? '' : 's'}`;
}
