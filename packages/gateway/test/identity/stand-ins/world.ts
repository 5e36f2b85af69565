import { onTestFinished } from 'vitest';
import { load } from '../../config/loading.ts';
import { gatewayWith, ORIGIN, type TestGateway } from '../../gate/gateway.ts';
import { Browser, type Page } from '../../login/browser.ts';
import { CLIENT_ID, CLIENT_SECRET } from '../oauth/grants.ts';
import { Internet, type Site } from '../oauth/internet.ts';

export interface World {
  readonly internet: Internet;
  readonly gateway: TestGateway;
  readonly browser: Browser;
  /** Signs in and looks who it is; the page of a refusal when nobody is. */
  signIn(until?: (next: string) => boolean): Promise<Page>;
  /** `/.auth/session`, read. */
  who(): Promise<Record<string, unknown>>;
}

/**
 * A whole gateway with one provider, read from the lines that somebody would write, and the vendor's hosts as this
 * process plays them.
 *
 * @param keys - of the provider in portico.yaml, beside the client's id and secret
 */
export async function world(keys: string, hosts: Readonly<Record<string, Site>>): Promise<World> {
  const secret = keys.includes('client_key') ? '' : `client_secret: ${CLIENT_SECRET}, `;
  const { settings } = await load({
    yaml: `public_url: ${ORIGIN}
secret: Zk3vJq8sWm1xTn5bYc7rLd2fHg9pQa4e
providers: { idp: { ${secret}client_id: ${CLIENT_ID}, ${keys} } }
apps: { sales: { at: /, upstream: "http://127.0.0.1:1" } }
`,
  });
  const internet = new Internet();
  for (const [host, site] of Object.entries(hosts)) internet.host(`https://${host}`, site);
  await internet.open();
  const gateway = await gatewayWith({ providers: settings.providers, apps: settings.apps });
  internet.route(ORIGIN, gateway.port);
  onTestFinished(async () => {
    await gateway.stop();
    await internet.close();
  });
  const browser = new Browser();
  return {
    internet,
    gateway,
    browser,
    signIn: (until) => browser.go(`${ORIGIN}/.auth/login/idp?return_to=/.auth/session`, until),
    async who() {
      const page = await browser.fetch(`${ORIGIN}/.auth/session`);
      return JSON.parse(page.body) as Record<string, unknown>;
    },
  };
}
