/**
 * A small API of a product, behind the gateway or reached straight by programs.
 *
 * People come through the gateway, which sends `Portico-Assertion`. Programs come with an access token of the company's identity
 * provider, when ISSUER and AUDIENCE say whose and for what.
 */
import { assertionVerifier, bearerVerifier, type VerifyError } from '@portico/verify';
import { protect } from '@portico/verify/express';
import express from 'express';

const { PORT = '8080', HOST = '127.0.0.1', PORTICO_BASE_PATH = '/', ISSUER, AUDIENCE } = process.env;

const onRefused = (error: VerifyError) => console.warn(`${error.code}: ${error.message}`);
const people = assertionVerifier();
const person = protect(people, { onRefused });
const analyst = protect(people, { roles: ['analyst', 'admin'], onRefused });

const routes = express.Router();

routes.get('/', person, (request, response) => {
  const { name, email, roles } = person.user(request);
  response.json({ hello: name ?? email ?? 'you', roles });
});

routes.get('/figures', analyst, (request, response) => {
  response.json({ for: analyst.user(request).id, figures: [3, 1, 4, 1, 5, 9] });
});

if (ISSUER && AUDIENCE) {
  const programs = bearerVerifier({ issuer: ISSUER, audience: AUDIENCE });
  const reader = protect(programs, { scopes: ['figures.read'], onRefused });
  routes.get('/v1/figures', reader, (_request, response) => {
    response.json({ figures: [3, 1, 4, 1, 5, 9] });
  });
}

const server = express()
  .use(PORTICO_BASE_PATH, routes)
  .listen(Number(PORT), HOST, () => console.log(`The API listens on http://${HOST}:${PORT}`));

process.once('SIGTERM', () => server.close());
