import type { SessionEnd } from '../core/types.ts';
import { type Family, render } from './exposition.ts';

/** Upper ends of the duration histogram, in seconds. */
export const DURATION_BUCKETS = [0.005, 0.025, 0.1, 0.5, 2.5, 10] as const;

/** For what the gateway answers itself; no app can have this name. */
export const OWN_PAGES = '_gateway';

export const METRICS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

/** Counters of one app: plain numbers, so that counting costs the path of a request next to nothing. */
export class AppMetrics {
  /** Indexed by the first digit of the status. */
  readonly #byClass = [0, 0, 0, 0, 0, 0];
  /** One per bucket and the rest; not cumulative. */
  readonly #durations = new Array<number>(DURATION_BUCKETS.length + 1).fill(0);
  #seconds = 0;
  #socketsOpen = 0;
  #socketsOpened = 0;
  denials = 0;
  /** From browsers to the app. */
  bytesIn = 0;
  /** From the app to browsers. */
  bytesOut = 0;

  request(status: number, seconds: number): void {
    const statusClass = Math.floor(status / 100);
    if (statusClass >= 1 && statusClass <= 5)
      this.#byClass[statusClass] = (this.#byClass[statusClass] ?? 0) + 1;
    let bucket = 0;
    while (bucket < DURATION_BUCKETS.length && seconds > (DURATION_BUCKETS[bucket] ?? 0)) bucket++;
    this.#durations[bucket] = (this.#durations[bucket] ?? 0) + 1;
    this.#seconds += seconds;
  }

  socketOpened(): void {
    this.#socketsOpened++;
    this.#socketsOpen++;
  }

  socketClosed(): void {
    this.#socketsOpen--;
  }

  /** For the exposition. */
  snapshot() {
    return {
      byClass: this.#byClass,
      durations: this.#durations,
      seconds: this.#seconds,
      socketsOpen: this.#socketsOpen,
      socketsOpened: this.#socketsOpened,
    };
  }
}

interface LabelledCount {
  readonly labels: Readonly<Record<string, string>>;
  value: number;
}

/** All that the gateway counts. Labels hold names from the configuration and fixed words, never anything of a user. */
export class Metrics {
  readonly #apps = new Map<string, AppMetrics>();
  readonly #signIns = new Map<string, { provider: string; result: string; count: number }>();
  readonly #ended = new Map<SessionEnd, number>();
  readonly #gauges: { name: string; help: string; read: () => number }[] = [];
  readonly #counters: { name: string; help: string; samples: Map<string, LabelledCount> }[] = [];
  readonly #version: string;
  #processMetrics: Promise<() => Promise<string>> | undefined;

  constructor(version: string) {
    this.#version = version;
  }

  /** The counters of an app; look them up once and keep them. @param name - from the configuration */
  app(name: string): AppMetrics {
    let app = this.#apps.get(name);
    if (app === undefined) {
      app = new AppMetrics();
      this.#apps.set(name, app);
    }
    return app;
  }

  /** @param provider - its name in the configuration */
  signIn(provider: string, result: 'success' | 'failure'): void {
    const key = `${result} ${provider}`;
    const known = this.#signIns.get(key);
    if (known) known.count++;
    else this.#signIns.set(key, { provider, result, count: 1 });
  }

  sessionEnded(reason: SessionEnd): void {
    this.#ended.set(reason, (this.#ended.get(reason) ?? 0) + 1);
  }

  /** Something to count, by labels. @param name - `portico_…_total`, described in docs/metrics.md */
  counter(name: string, help: string): (labels: Readonly<Record<string, string>>) => void {
    const samples = new Map<string, LabelledCount>();
    this.#counters.push({ name, help, samples });
    return (labels) => {
      const key = JSON.stringify(labels);
      const known = samples.get(key);
      if (known) known.value++;
      else samples.set(key, { labels, value: 1 });
    };
  }

  /** A number that is read when somebody asks. @param name - `portico_…`, described in docs/metrics.md */
  gauge(name: string, help: string, read: () => number): void {
    this.#gauges.push({ name, help, read });
  }

  /** The answer of `/.auth/metrics`, in Prometheus' text format. */
  async render(): Promise<string> {
    this.#processMetrics ??= loadProcessMetrics();
    const ofProcess = await this.#processMetrics;
    return render(this.#families()) + (await ofProcess());
  }

  #families(): Family[] {
    const apps = [...this.#apps].map(([app, counters]) => ({ app, counters, ...counters.snapshot() }));
    return [
      {
        name: 'portico_requests_total',
        help: 'Requests answered, by app and class of status.',
        type: 'counter',
        samples: apps.flatMap(({ app, byClass }) =>
          byClass.flatMap((value, index) =>
            value === 0 ? [] : [{ labels: { app, status: `${index}xx` }, value }],
          ),
        ),
      },
      {
        name: 'portico_request_duration_seconds',
        help: 'From the head of a request to the end of its answer.',
        type: 'histogram',
        samples: apps.flatMap(({ app, durations, seconds }) => histogram(app, durations, seconds)),
      },
      {
        name: 'portico_received_bytes_total',
        help: 'Bytes of bodies and WebSockets from browsers to apps.',
        type: 'counter',
        samples: apps.map(({ app, counters }) => ({ labels: { app }, value: counters.bytesIn })),
      },
      {
        name: 'portico_sent_bytes_total',
        help: 'Bytes of bodies and WebSockets from apps to browsers.',
        type: 'counter',
        samples: apps.map(({ app, counters }) => ({ labels: { app }, value: counters.bytesOut })),
      },
      {
        name: 'portico_sockets_open',
        help: 'WebSockets open now.',
        type: 'gauge',
        samples: apps.map(({ app, socketsOpen }) => ({ labels: { app }, value: socketsOpen })),
      },
      {
        name: 'portico_sockets_opened_total',
        help: 'WebSockets opened.',
        type: 'counter',
        samples: apps.map(({ app, socketsOpened }) => ({ labels: { app }, value: socketsOpened })),
      },
      {
        name: 'portico_denials_total',
        help: 'Requests of signed-in people that policy refused.',
        type: 'counter',
        samples: apps.map(({ app, counters }) => ({ labels: { app }, value: counters.denials })),
      },
      {
        name: 'portico_sign_ins_total',
        help: 'Sign-ins, by provider and result.',
        type: 'counter',
        samples: [...this.#signIns.values()].map(({ provider, result, count }) => ({
          labels: { provider, result },
          value: count,
        })),
      },
      {
        name: 'portico_sessions_ended_total',
        help: 'Sessions ended, by reason.',
        type: 'counter',
        samples: [...this.#ended].map(([reason, value]) => ({ labels: { reason }, value })),
      },
      {
        name: 'portico_build_info',
        help: 'Always 1; the version is in the label.',
        type: 'gauge',
        samples: [{ labels: { version: this.#version }, value: 1 }],
      },
      ...this.#counters.map(({ name, help, samples }) => ({
        name,
        help,
        type: 'counter' as const,
        samples: [...samples.values()],
      })),
      ...this.#gauges.map(({ name, help, read }) => ({
        name,
        help,
        type: 'gauge' as const,
        samples: [{ labels: {}, value: read() }],
      })),
    ];
  }
}

function histogram(app: string, durations: readonly number[], seconds: number): Family['samples'] {
  let count = 0;
  const buckets = durations.map((own, index) => {
    count += own;
    return {
      suffix: '_bucket',
      labels: { app, le: String(DURATION_BUCKETS[index] ?? '+Inf') },
      value: count,
    };
  });
  return [
    ...buckets,
    { suffix: '_sum', labels: { app }, value: seconds },
    { suffix: '_count', labels: { app }, value: count },
  ];
}

/** Memory, CPU, event loop and garbage collection under their usual names; loaded when first asked for. */
async function loadProcessMetrics(): Promise<() => Promise<string>> {
  const { collectDefaultMetrics, Registry } = await import('prom-client');
  const register = new Registry();
  collectDefaultMetrics({ register });
  return () => register.metrics();
}
