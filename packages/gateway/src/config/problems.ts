import { GatewayError } from '../core/errors.ts';

/** One thing that is wrong with the configuration. */
export interface ConfigProblem {
  /** Where: a key of the file (`apps.sales.allow[1]`), a flag (`--port`) or a variable (`PORTICO_PORT`). */
  readonly path: string;
  readonly message: string;
  /** What to do about it. */
  readonly fix: string;
}

export function problem(path: string, message: string, fix: string): ConfigProblem {
  return { path, message, fix };
}

/** Everything that is wrong, at once. Code `config_invalid`; the command line answers with exit code 2. */
export class ConfigError extends GatewayError {
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    super('config_invalid', 500, problems.map((problem) => `${problem.path}: ${problem.message}`).join('; '));
    this.problems = problems;
  }
}

/** The problems as lines for a terminal. */
export function formatProblems(problems: readonly ConfigProblem[]): string {
  const title = problems.length === 1 ? 'One problem' : `${problems.length} problems`;
  const lines = problems.map(({ path, message, fix }) => `  ${path}\n    ${message}\n    Fix: ${fix}\n`);
  return `${title} with the configuration:\n\n${lines.join('\n')}`;
}

/** `['apps', 'sales', 'allow', 1]` as `apps.sales.allow[1]`. */
export function pathText(path: readonly PropertyKey[]): string {
  let text = '';
  for (const part of path)
    text += typeof part === 'number' ? `[${part}]` : `${text === '' ? '' : '.'}${String(part)}`;
  return text === '' ? '(the whole file)' : text;
}

/**
 * Collects problems while the configuration is read. Values that may be secret are handed in with `hide`, and are then
 * blotted out of every text: no careless message can print one.
 */
export class Problems {
  readonly #found: ConfigProblem[] = [];
  readonly #hidden = new Set<string>();
  readonly #settled = new Set<string>();

  get count(): number {
    return this.#found.length;
  }

  /** Short values would blot out ordinary words, and are no secrets anyway. */
  hide(value: string): void {
    if (value.length >= 6) this.#hidden.add(value);
  }

  add(path: string | readonly PropertyKey[], message: string, fix: string): void {
    const text = typeof path === 'string' ? path : pathText(path);
    if (!this.#settled.has(text)) this.#found.push({ path: text, message, fix });
  }

  /** Whether something was found wrong right here. */
  concern(path: readonly PropertyKey[]): boolean {
    const text = pathText(path);
    return this.#found.some((problem) => problem.path === text);
  }

  /** The value here is no value at all, and a problem says so already: whatever else is found about it is noise. */
  settle(path: readonly PropertyKey[]): void {
    this.#settled.add(pathText(path));
  }

  /** @param rename - tells where a value at a path really came from, e.g. a flag */
  list(rename: (path: string) => string = (path) => path): readonly ConfigProblem[] {
    const clean = (text: string): string =>
      [...this.#hidden].reduce((t, secret) => t.replaceAll(secret, '***'), text);
    return this.#found.map(({ path, message, fix }) => ({
      path: clean(rename(path)),
      message: clean(message),
      fix: clean(fix),
    }));
  }
}
