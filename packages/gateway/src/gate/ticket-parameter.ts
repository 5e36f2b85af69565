import type { RequestHead } from '../wire/request-head.ts';

const NAME = 'portico_ticket';
const PARAMETER = /^portico_ticket(?:=|$)/;

/** The ticket in a query; an empty text when there are several, which is nobody's. */
export function takeTicket(query: string): string | undefined {
  if (!query.includes(NAME)) return undefined;
  const found = query.split('&').filter((one) => PARAMETER.test(one));
  if (found.length === 0) return undefined;
  return found.length === 1 ? (found[0] as string).slice(NAME.length + 1) : '';
}

/** The target as the app gets it: a ticket is nobody's business but the gateway's. */
export function targetWithoutTicket({
  path,
  query,
  target,
}: Pick<RequestHead, 'path' | 'query' | 'target'>): string {
  if (!query.includes(NAME)) return target;
  const rest = query.split('&').filter((one) => !PARAMETER.test(one));
  return rest.length === 0 ? path : `${path}?${rest.join('&')}`;
}
