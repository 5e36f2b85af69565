import type { Launch } from '../lib/processes.ts';

/** What a server under test is told. */
export interface Place {
  readonly port: number;
  readonly backendPort: number;
  readonly issuer: string;
  /** Fresh folder for configuration and logs. */
  readonly folder: string;
  /** How many WebSockets must fit; a server with a thread a socket needs to know. */
  readonly sockets: number;
}

/** One server of the comparison. */
export interface Peer {
  readonly name: string;
  readonly title: string;
  /** For the ones that sign people in, and so are measured with a live session. */
  readonly session?: {
    /** Redirect URI to register with the issuer. */
    redirectUri(port: number): string;
    /** Names of headers that must reach the app, in lower case: whoever tells the app nothing has less to do. */
    readonly tellsApp: readonly string[];
  };
  /** Finds or installs it. @returns its version, or undefined when this machine cannot have it. */
  install(): string | undefined;
  /** Writes the configuration and says what to run. */
  launch(place: Place): Launch;
}
