import { apiReader } from './api.ts';
import { assertionVerifier } from './identity.ts';
import { demoServer } from './server.ts';

/** The environment that the gateway gives to every app it starts. */
function required(name: string): string {
  const value = process.env[name];
  if (value) return value;
  console.error(`${name} is not set. This app is started by: portico demo`);
  process.exit(2);
}

const server = demoServer({
  basePath: required('PORTICO_BASE_PATH'),
  verify: assertionVerifier({
    jwksUrl: required('PORTICO_JWKS_URL'),
    issuer: required('PORTICO_ISSUER'),
    audience: required('PORTICO_AUDIENCE'),
    log: console.error,
  }),
  askApi: apiReader({
    gatewayUrl: required('PORTICO_URL'),
    app: required('PORTICO_AUDIENCE'),
    secret: required('PORTICO_APP_SECRET'),
  }),
  random: Math.random,
  now: Date.now,
});
server.listen(Number(required('PORT')), '127.0.0.1', () => console.log('sample dashboard is up'));
process.on('SIGTERM', () => {
  server.close();
  server.closeAllConnections();
});
