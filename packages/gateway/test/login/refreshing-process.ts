/** Another gateway process that finds a session due: `refreshing-process.ts <database> <cookie id> <settings as JSON>`. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { OidcProviderSettings } from '../../src/config/provider-settings.ts';
import { OidcProvider } from '../../src/identity/oidc.ts';
import { TokenRefresher } from '../../src/login/refresh.ts';
import { Sealer } from '../../src/session/seal.ts';
import { Sessions } from '../../src/session/sessions.ts';
import { SqliteStore } from '../../src/session/stores/sqlite.ts';

const [path = '', cookieId = '', json = ''] = process.argv.slice(2);
const settings = JSON.parse(json) as OidcProviderSettings;
const store = new SqliteStore(path);
const sessions = new Sessions({
  store,
  sealer: new Sealer([process.env['TEST_SECRET'] ?? '']),
  clock: Date.now,
  random: randomBytes,
  limits: { absolute: 24 * 3_600_000, idle: 24 * 3_600_000 },
  maxInMemory: 10,
});
const refresher = new TokenRefresher({
  providers: new Map([[settings.name, new OidcProvider(settings, Date.now)]]),
  sessions,
  store,
  clock: Date.now,
  random: randomBytes,
  report: () => undefined,
});
const live = await sessions.load(cookieId);
process.stdout.write(live !== undefined && refresher.due(live, Date.now()) ? 'due\n' : 'not due\n');
await once(process.stdin, 'data');
if (live !== undefined) refresher.start(live);
await refresher.close();
process.stdout.write(`${live?.session.tokens.accessToken}\n`);
process.stdin.destroy();
await store.close();
