import { statSync } from 'node:fs';
import { basename } from 'node:path';
import type { AppType } from '../config/settings.ts';
import { GatewayError } from '../core/errors.ts';
import type { AppState, Clock, RandomBytes, Upstream } from '../core/types.ts';
import { backoffDelay, HEALTHY_AFTER } from './backoff.ts';
import { childEnvironment } from './environment.ts';
import { findExecutable, notFound } from './executable.ts';
import { linePrefix, RecentLines } from './log-lines.ts';
import { type LaunchPlan, LOOPBACK } from './plan.ts';
import { launchPlan } from './presets.ts';
import { type Exit, type GroupProcess, startGroup } from './process.ts';
import { answers, freePort, pause } from './readiness.ts';

/** An app that the gateway started and watches. */
export interface AppProcess {
  readonly name: string;
  readonly state: AppState;
  /** Where it answers; only while `ready`. */
  readonly upstream: Upstream | undefined;
  /** Why it is `crashed`, in one sentence; `app_command_not_found` and `app_directory_not_found` are not tried again. */
  readonly failure: GatewayError | undefined;
  /** What of its command was changed for it to work behind the gateway. */
  readonly notes: readonly string[];
  /** Last lines of its output, oldest first. */
  readonly recentLog: readonly string[];
  /** Calls back after each change of `state`; returns how to stop that. */
  onChange(callback: (state: AppState) => void): () => void;
  /** Stops it and everything it started; `graceMs` between the polite and the final signal. */
  stop(graceMs: number): Promise<void>;
}

/** One app to start, see `LaunchContext`. */
export interface AppSpec {
  readonly name: string;
  readonly type: AppType;
  readonly argv: readonly string[];
  /** Absolute. */
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly basePath: string;
  readonly publicOrigin: string;
  readonly issuer: string;
  readonly gatewayUrl: string;
  readonly credential: string;
  readonly signingSecret: string;
  /** See `LaunchContext`. */
  readonly cookieSecret?: string;
  /** See `LaunchContext`. */
  readonly embedders?: readonly string[];
}

/** What the supervisor gets from the process around it. */
export interface SupervisorParts {
  /** A line of the app's output, with its name in front, without a line break. */
  readonly writeLine: (line: string) => void;
  readonly colour: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Names of variables that hold the gateway's secrets, besides `PORTICO_*` and `*_OAUTH_*`. */
  readonly withheld: readonly string[];
  readonly now: Clock;
  readonly random: RandomBytes;
  /** For tests: waits before a restart. */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
  /** For tests: finds a port. */
  readonly findPort?: () => Promise<number>;
}

const PORT_TAKEN =
  /address already in use|EADDRINUSE|port \S+ is (?:already in use|not available|in use)|empty port in range/i;
const PORT_ATTEMPTS = 5;

/**
 * Starts an app and keeps it running until `stop`.
 *
 * @throws GatewayError `base_path_unsupported` when the framework cannot be served there
 */
export function supervise(spec: AppSpec, parts: SupervisorParts): AppProcess {
  // Thrown here rather than in the loop below: no restart would cure it.
  launchPlan(spec.type, spec.argv, { ...spec, port: 1 });
  const supervisor = new Supervisor(spec, parts);
  void supervisor.run();
  return supervisor;
}

type Outcome =
  | { kind: 'ended'; exit: Exit }
  | { kind: 'port-taken' }
  | { kind: 'hopeless' }
  | { kind: 'mute' };

class Supervisor implements AppProcess {
  readonly name: string;
  state: AppState = 'starting';
  upstream: Upstream | undefined;
  failure: GatewayError | undefined;
  notes: readonly string[] = [];
  readonly #spec: AppSpec;
  readonly #parts: SupervisorParts;
  readonly #recent = new RecentLines();
  readonly #prefix: string;
  readonly #callbacks = new Set<(state: AppState) => void>();
  readonly #stopping = new AbortController();
  #grace = 0;
  #process: GroupProcess | undefined;
  #finished: Promise<void> = Promise.resolve();

  constructor(spec: AppSpec, parts: SupervisorParts) {
    this.name = spec.name;
    this.#spec = spec;
    this.#parts = parts;
    this.#prefix = linePrefix(spec.name, parts.colour);
  }

  get recentLog(): readonly string[] {
    return this.#recent.lines;
  }

  onChange(callback: (state: AppState) => void): () => void {
    this.#callbacks.add(callback);
    return () => this.#callbacks.delete(callback);
  }

  run(): Promise<void> {
    this.#finished = this.#loop();
    return this.#finished;
  }

  async stop(graceMs: number): Promise<void> {
    this.#grace = graceMs;
    this.#stopping.abort();
    await this.#process?.stop(graceMs);
    await this.#finished;
    this.#become('stopped');
  }

  async #loop(): Promise<void> {
    const { now, random, wait = pause } = this.#parts;
    let crashes = 0;
    let portAttempts = 0;
    while (!this.#stopping.signal.aborted) {
      const startedAt = now();
      const outcome = await this.#once();
      if (this.#stopping.signal.aborted) return;
      if (outcome.kind === 'port-taken' && ++portAttempts < PORT_ATTEMPTS) continue;
      portAttempts = 0;
      if (outcome.kind === 'hopeless') return this.#become('crashed');
      crashes = now() - startedAt >= HEALTHY_AFTER ? 1 : crashes + 1;
      const delay = backoffDelay(crashes, random);
      const what = outcome.kind === 'ended' ? howItEnded(outcome.exit) : 'did not answer';
      this.#fail('app_crashed', `${this.name} ${what}; next try in ${(delay / 1000).toFixed(1)} s`);
      this.#become('crashed');
      await wait(delay, this.#stopping.signal);
      if (!this.#stopping.signal.aborted) this.#become('starting');
    }
  }

  /** One life of the app, from finding a port to its end. */
  async #once(): Promise<Outcome> {
    const port = await (this.#parts.findPort ?? freePort)();
    const plan = launchPlan(this.#spec.type, this.#spec.argv, { ...this.#spec, port });
    this.notes = plan.notes;
    const env = childEnvironment(this.#parts.environment, this.#parts.withheld, {
      defaults: plan.defaults,
      app: this.#spec.env ?? {},
      plan: plan.env,
    });
    const file = this.#program(plan, env);
    if (file === undefined) return { kind: 'hopeless' };
    if (this.#stopping.signal.aborted) return { kind: 'hopeless' };

    let portTaken = false;
    const child = startGroup(file, plan.argv.slice(1), {
      cwd: this.#spec.cwd,
      env,
      onLine: (line) => {
        portTaken ||= this.state === 'starting' && PORT_TAKEN.test(line);
        this.#say(line);
      },
    });
    this.#process = child;
    const over = AbortSignal.any([this.#stopping.signal, AbortSignal.timeout(plan.readyTimeout)]);
    const gone = new AbortController();
    const ended = child.exited.then((exit) => {
      gone.abort();
      return exit;
    });
    const ready = await answers(port, plan.readyPath, AbortSignal.any([over, gone.signal]));
    // Another program may have won the port and answered in the app's place: then the app is about to say so and end.
    if (ready && !gone.signal.aborted && !portTaken) {
      this.failure = undefined;
      this.upstream = { hostname: LOOPBACK, port };
      this.#become('ready');
    } else if (!gone.signal.aborted && !this.#stopping.signal.aborted && !portTaken) {
      this.#say(
        `no answer at http://${LOOPBACK}:${port}${plan.readyPath} after ${plan.readyTimeout / 1000} s. ` +
          'If the app sets a port of its own, take it away or use the PORT variable.',
      );
      await child.stop(5_000);
      return { kind: 'mute' };
    }
    if (this.#stopping.signal.aborted) await child.stop(this.#grace);
    else if (portTaken) await child.stop(1_000);
    const exit = await ended;
    this.upstream = undefined;
    return portTaken ? { kind: 'port-taken' } : { kind: 'ended', exit };
  }

  #program(plan: LaunchPlan, env: Record<string, string>): string | undefined {
    if (!isDirectory(this.#spec.cwd)) {
      this.#fail('app_directory_not_found', `${this.#spec.cwd}: no such directory (cwd of ${this.name})`);
      return undefined;
    }
    const program = plan.argv[0] ?? '';
    const file = findExecutable(program, this.#spec.cwd, env['PATH'] ?? env['Path']);
    if (file === undefined) this.#fail('app_command_not_found', notFound(basename(program)));
    return file;
  }

  #fail(code: string, message: string): void {
    this.failure = new GatewayError(code, 503, message);
    this.#say(message);
  }

  #say(line: string): void {
    this.#recent.add(line);
    this.#parts.writeLine(this.#prefix + line);
  }

  #become(state: AppState): void {
    if (this.state === state) return;
    this.state = state;
    if (state !== 'ready') this.upstream = undefined;
    for (const callback of this.#callbacks) callback(state);
  }
}

function howItEnded(exit: Exit): string {
  return exit.signal ? `was ended by ${exit.signal}` : `ended with exit code ${exit.code}`;
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
