import type { Identity } from '../../core/types.ts';
import { type Html, html } from './html.ts';

/** The part of an identity that pages show. */
export type Person = Pick<Identity, 'subject' | 'name' | 'email'>;

/** `bdi` keeps direction marks in somebody's name from rearranging the words around it. */
export function personLine(person: Person): Html {
  const first = person.name ?? person.email ?? person.subject;
  const second = person.name !== undefined ? person.email : undefined;
  return html`<span class="person"><span class="avatar" aria-hidden="true">${initials(first)}</span><span class="who"><bdi class="name">${first}</bdi>${
    second !== undefined && html` <bdi class="mail">${second}</bdi>`
  }</span></span>`;
}

/** One or two letters for the round or square sign beside a name. */
export function initials(name: string): string {
  const words = name
    .replace(/@.*/u, '')
    .split(/[\s._-]+/u)
    .filter((word) => /^[\p{L}\p{N}]/u.test(word));
  const letters = words.length > 1 ? [words[0], words.at(-1)] : words.slice(0, 1);
  return (
    letters
      .map((word) => [...(word ?? '')][0] ?? '')
      .join('')
      .toUpperCase() || '·'
  );
}
