import { expect } from 'vitest';
import type { AppSettings } from '../../src/config/settings.ts';
import type { Claims } from '../bearer/issuer.ts';
import type { TestApp } from './apps.ts';
import { productWith, SHOP_PAGE, tokenOf } from './bearer.ts';
import { type Answer, ask } from './client.ts';
import { ORIGIN, type TestGateway, type TestGatewayOptions } from './gateway.ts';

export { SHOP_PAGE };
/** Another page that may show the app. */
export const PORTAL = 'https://portal.example.org';
export const COOKIE_NAME = '__Host-portico-embed-sales';

/** Headers of a browser that loads a frame inside another site's page. */
export const IN_FRAME = {
  'sec-fetch-mode': 'navigate',
  'sec-fetch-dest': 'iframe',
  'sec-fetch-site': 'cross-site',
  accept: 'text/html',
};
/** Of a script on the app's own page. */
export const OWN_FETCH = {
  'sec-fetch-mode': 'cors',
  'sec-fetch-dest': 'empty',
  'sec-fetch-site': 'same-origin',
};

/** A gateway with the app `sales`, which the pages of two origins may show, and others that none may. */
export async function embeddingWith(
  app: TestApp,
  sales: Partial<AppSettings> = {},
  options: TestGatewayOptions = {},
): Promise<TestGateway> {
  const embed = { origins: [SHOP_PAGE, PORTAL], inline: false, script: false };
  const { gateway } = await productWith(app, { embed, ...sales }, options);
  return gateway;
}

type Fields = Readonly<Record<string, string>>;

/** Asks with a form, as the page at `origin` unless told otherwise. */
export function step(
  gateway: TestGateway,
  name: string,
  fields: Fields,
  headers: Fields = { origin: SHOP_PAGE },
): Promise<Answer> {
  return ask(gateway, `/.auth/embed/${name}`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams(fields).toString(),
  });
}

export interface Code {
  readonly code: string;
  readonly expires_in: number;
  readonly start: string;
  readonly handle: string;
}

export async function codeFor(gateway: TestGateway, token: string, origin = SHOP_PAGE): Promise<Code> {
  const fields = { app: 'sales', origin, access_token: token };
  const answer = await step(gateway, 'code', fields, { origin });
  expect([answer.status, answer.text]).toEqual([200, expect.stringContaining('"code"')]);
  return JSON.parse(answer.text) as Code;
}

/** Loads the frame. */
export function redeem(
  gateway: TestGateway,
  start: string,
  { returnTo = '/sales/', cookie = '', headers = {} as Fields } = {},
): Promise<Answer> {
  const url = new URL(start);
  url.searchParams.set('return_to', returnTo);
  expect(url.origin).toBe(ORIGIN);
  return ask(gateway, url.pathname + url.search, { cookie, headers: { ...IN_FRAME, ...headers } });
}

/** What a browser sends back of an answer's cookies. */
export function cookieOf(answer: Answer): string {
  return (answer.headers['set-cookie'] ?? []).map((cookie) => cookie.split(';')[0]).join('; ');
}

export interface Embedded {
  readonly cookie: string;
  readonly handle: string;
  readonly token: string;
}

/** A whole beginning: token, code, frame. */
export async function embedded(
  gateway: TestGateway,
  { claims = {} as Claims, origin = SHOP_PAGE, cookie = '' } = {},
): Promise<Embedded> {
  const token = await tokenOf(claims);
  const { start, handle } = await codeFor(gateway, token, origin);
  const answer = await redeem(gateway, start, { cookie, headers: { referer: `${origin}/` } });
  expect(answer.status).toBe(303);
  return { cookie: cookieOf(answer) || cookie, handle, token };
}

/** What a script on the app's page gets. */
export const data = (gateway: TestGateway, cookie: string, path = '/sales/data'): Promise<Answer> =>
  ask(gateway, path, { cookie, headers: OWN_FETCH });
