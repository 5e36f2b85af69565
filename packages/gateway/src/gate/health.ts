import { json, type Reply } from '../http/reply.ts';
import type { SessionStore } from '../session/store.ts';
import type { GatedApp } from './sites.ts';

/** Whether this process should get requests: it is not stopping, its store answers, its apps run. */
export class Health {
  readonly #store: Pick<SessionStore, 'get'>;
  readonly #apps: readonly GatedApp[];
  draining = false;

  constructor(store: Pick<SessionStore, 'get'>, apps: readonly GatedApp[]) {
    this.#store = store;
    this.#apps = apps;
  }

  /** `GET /.auth/readyz`. Names no app: a probe has not signed in. */
  async ready(): Promise<Reply> {
    const store = await this.#store.get('readyz').then(
      () => true,
      () => false,
    );
    const waiting = this.#apps.filter((app) => app.backend.state !== 'ready').length;
    const ready = !this.draining && store && waiting === 0;
    return json(ready ? 200 : 503, { ready, draining: this.draining, store, apps_not_ready: waiting });
  }
}
