import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { freePort, type GatewayProcess, startGateway } from '../../../../../test/gateway-process.ts';
import { EXAMPLES } from '../../../src/demo/examples.ts';
import { ensurePython } from '../../../src/demo/python.ts';
import { DEMO_PERSONAS } from '../../../src/demo/settings.ts';
import { appsReady } from '../support/demo.ts';
import { type Orders, startOrders } from './orders.ts';
import { type Plain, pathOf, type Story } from './stories.ts';

const APPS = join(import.meta.dirname, 'apps');

export interface DayOptions {
  readonly stories: readonly Story[];
  readonly plain?: readonly Plain[];
  /** Seconds that a token of the development provider lives. */
  readonly tokenLifetime: number;
}

/** One gateway with all the apps behind it and an API beside it. */
export interface Day {
  readonly gateway: GatewayProcess;
  /** Ends the gateway and its apps, and starts them again at the same port in the same directory. */
  restart(): Promise<void>;
  end(): Promise<void>;
}

export async function beginDay(options: DayOptions): Promise<Day> {
  const python = await ensurePython({ frameworks: EXAMPLES, tests: true, quiet: true });
  const directory = await mkdtemp(join(tmpdir(), 'portico-story-'));
  const port = await freePort();
  const orders = await startOrders(`http://localhost:${port}/.auth/dev`);
  const names = [...options.stories, ...(options.plain ?? [])].map(({ name }) => name);
  const start = async (): Promise<GatewayProcess> => {
    const config = configuration(options, { python, orders });
    const gateway = await startGateway({ config, directory, port });
    await appsReady(gateway, names).catch(async (error: unknown) => {
      await gateway.stop('SIGKILL');
      throw error;
    });
    return gateway;
  };
  let gateway = await start();
  return {
    get gateway() {
      return gateway;
    },
    async restart() {
      await gateway.stop();
      gateway = await start();
    },
    async end() {
      await gateway.stop();
      await orders.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

interface Place {
  readonly python: string;
  readonly orders: Orders;
}

function configuration(
  { stories, plain = [], tokenLifetime }: DayOptions,
  { python, orders }: Place,
): string {
  const common = {
    cwd: APPS,
    allow: ['role:analyst'],
    env: {
      PATH: python + delimiter + (process.env['PATH'] ?? ''),
      PYTHONPATH: APPS,
      PYTHONDONTWRITEBYTECODE: '1',
      ORDERS_URL: orders.url,
    },
  };
  const told = stories.map((story) => {
    const at = pathOf(story).replace(/(?<=.)\/$/, '');
    return [story.name, { ...common, at, type: story.type, run: `APP_PORT={port} ${story.run}` }];
  });
  const unmodified = plain.map(({ name, type, run, host }) => {
    const where = host === undefined ? { at: `/${name}` } : { host };
    return [name, { ...common, ...where, type, run }];
  });
  // JSON is YAML, too. The development provider brings the API `graph` by itself.
  return JSON.stringify({
    dev: { personas: DEMO_PERSONAS, token_lifetime: `${tokenLifetime}s` },
    apps: Object.fromEntries([...told, ...unmodified]),
    apis: {
      orders: {
        url: orders.url,
        provider: 'dev',
        scopes: ['orders.read'],
        apps: stories.map(({ name }) => name),
      },
    },
  });
}
