/**
 * A real OpenID Connect issuer in which everybody is Ada, who agrees to everything without being asked. A program of its
 * own: `node issuer.ts <port> <redirect URI>…`
 */
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';
import { client } from './client.ts';

const person = {
  sub: 'ada',
  email: 'ada@example.com',
  email_verified: true,
  name: 'Ada',
  groups: ['analysts'],
};

const [port, ...redirectUris] = process.argv.slice(2);
const issuer = `http://127.0.0.1:${port}`;
const provider = new Provider(issuer, {
  clients: [
    {
      client_id: client.id,
      client_secret: client.secret,
      redirect_uris: redirectUris,
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
    },
  ],
  claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name', 'groups'] },
  conformIdTokenClaims: false,
  pkce: { required: () => false },
  cookies: { keys: ['bench'] },
  ttl: { AccessToken: 36_000, IdToken: 36_000, Session: 36_000, Grant: 36_000, Interaction: 600 },
  features: { devInteractions: { enabled: false } },
  interactions: { url: (_ctx, interaction) => `/interaction/${interaction.uid}` },
  findAccount: (_ctx, sub) => ({ accountId: sub, claims: () => ({ ...person, sub }) }),
  loadExistingGrant: async (ctx) => {
    const grant = new ctx.oidc.provider.Grant({
      clientId: client.id,
      accountId: ctx.oidc.session?.accountId ?? person.sub,
    });
    grant.addOIDCScope('openid email profile offline_access');
    await grant.save();
    return grant;
  },
});
const answer = provider.callback();
const server = createServer((request, response) => {
  if (!request.url?.startsWith('/interaction/')) return void answer(request, response);
  provider
    .interactionFinished(request, response, { login: { accountId: person.sub } })
    .catch((error: unknown) => response.writeHead(500).end(String(error)));
});
server.listen(Number(port), '127.0.0.1');
