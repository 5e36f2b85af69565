import type { ExampleName } from '../../../src/demo/examples.ts';

/** One endpoint of an app, as the framework's own source names it. */
export interface Door {
  readonly methods: readonly string[];
  /** Below the app's base path, or what the app's front page links to. */
  readonly path: string | RegExp;
  /** What the app answers to somebody who is signed in: a list of paths that the app does not have would prove nothing. */
  readonly status: number;
  /** In the app's answer; asked for where the status alone is also that of a path which does not exist. */
  readonly says?: string | undefined;
  /** JSON to send. */
  readonly body?: string | undefined;
}

export interface SocketDoor {
  readonly path: string;
  readonly protocols: string;
  /** Path of the page whose session token goes along as another protocol, where the app asks for one. */
  readonly page?: string;
  /** 101, or the app's own refusal. */
  readonly status: number;
}

/** Everything that one framework's app can be asked. */
export interface Doors {
  readonly framework: ExampleName;
  /** Switches on what the framework serves only when told to, so that those doors are tried, too. */
  readonly run?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly doors: readonly Door[];
  readonly sockets: readonly SocketDoor[];
}

/** @param methods - separated by spaces */
export function door(
  methods: string,
  path: string | RegExp,
  status: number,
  says?: string,
  body?: string,
): Door {
  return { methods: methods.split(' '), path, status, says, body };
}
