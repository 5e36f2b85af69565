import type { AppState, Upstream } from '../core/types.ts';

/** Where an app is and how it does. */
export interface AppBackend {
  readonly state: AppState;
  /** Only while `ready`. */
  readonly upstream: Upstream | undefined;
  /** Last lines of its output, for a developer. */
  readonly recentLog: readonly string[];
}

/** An app that the gateway did not start. */
export function running(upstream: Upstream): AppBackend {
  return { state: 'ready', upstream, recentLog: [] };
}
