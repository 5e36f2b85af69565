import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bearerVerifier } from '@portico/verify';
import { protect } from '@portico/verify/fetch';
import { decodeJwt } from 'jose';

export interface Orders {
  readonly url: string;
  close(): Promise<void>;
}

/** A small API of a company's own, which believes nobody but the provider: it checks each token with `@portico/verify`. */
export async function startOrders(issuer: string): Promise<Orders> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const verifier = bearerVerifier({ issuer, audience: url, rfc9068: true });
  const handle = protect(
    verifier,
    (request, user) => {
      const { jti, iat = 0, exp = 0 } = decodeJwt(request.headers.get('authorization')?.slice(7) ?? '');
      const at = (seconds: number) => new Date(seconds * 1000).toISOString();
      return Response.json({ of: user.id, token: { id: jti, issuedAt: at(iat), expiresAt: at(exp) } });
    },
    { scopes: ['orders.read'] },
  );
  server.on('request', async (request, response) => {
    const { authorization } = request.headers;
    const answer = await handle(new Request(url, { headers: authorization ? { authorization } : {} }));
    response.writeHead(answer.status, Object.fromEntries(answer.headers)).end(await answer.text());
  });
  return {
    url,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
