import type { KeyObject } from 'node:crypto';
import type { AppSettings } from '../../src/config/settings.ts';
import { type Claims, SHOP, tokenWith } from '../bearer/issuer.ts';
import { httpApp, type TestApp } from './apps.ts';
import { gatewayWith, type TestGateway, type TestGatewayOptions } from './gateway.ts';

export { SHOP };
/** A page of the product around the apps. */
export const SHOP_PAGE = 'https://shop.example.com';
/** Another audience of the same issuer. */
const PAYROLL = { ...SHOP, name: 'payroll', audience: ['https://payroll.example.com'] };
const HOUR = 3600;

/** A good token of now, with these claims. */
export function tokenOf(claims: Claims = {}, key?: KeyObject): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return tokenWith({ iat: now, exp: now + HOUR, ...claims }, {}, key);
}

export const withToken = (token: string): { authorization: string } => ({ authorization: `Bearer ${token}` });

interface Product {
  readonly app: TestApp;
  readonly gateway: TestGateway;
}

/** An app `sales` at `/sales` that takes the product's tokens, and `hr` at `/hr` that takes those of payroll. */
export async function productWith(
  app: TestApp,
  sales: Partial<AppSettings> = {},
  options: TestGatewayOptions = {},
): Promise<Product> {
  const { upstream } = app;
  const gateway = await gatewayWith({
    bearer: [SHOP, PAYROLL],
    apps: [
      { name: 'sales', at: '/sales', upstream, bearer: ['shop'], ...sales },
      { name: 'hr', at: '/hr', upstream, bearer: ['payroll'] },
      { name: 'plain', at: '/plain', upstream },
    ],
    ...options,
  });
  return { app, gateway };
}

/** An app that answers what it was asked, and opens WebSockets that say nothing. */
export function mirror(): Promise<TestApp> {
  return httpApp((request, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ url: request.url, headers: request.headers }));
  });
}
