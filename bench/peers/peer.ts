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
  /** Signs people in, so it is measured with a live session. */
  readonly session: boolean;
  /** Finds or installs it. @returns its version, or undefined when this machine cannot have it. */
  install(): string | undefined;
  /** Redirect URI to register, for the ones with a session. */
  redirectUri?(port: number): string;
  /** Writes the configuration and says what to run. */
  launch(place: Place): Launch;
}
