import { GRAPH_SCOPES, graphResource } from '../config/dev-graph.ts';

/** An API that the development provider gives access tokens for. */
export interface DevResource {
  /** Audience of the tokens (RFC 8707). */
  readonly identifier: string;
  readonly scopes: readonly string[];
}

/** The APIs that there are tokens for: the small Graph first, then those of the configuration. */
export class Resources {
  readonly identifiers: readonly string[];
  readonly #scopes = new Map<string, ReadonlySet<string>>();

  constructor(issuer: string, declared: readonly DevResource[]) {
    const graph = { identifier: graphResource(issuer), scopes: GRAPH_SCOPES };
    for (const { identifier, scopes } of [graph, ...declared]) {
      // RFC 8707 section 2: an absolute URI without a fragment; a list with another would be refused as a whole.
      if (!URL.canParse(identifier) || identifier.includes('#')) continue;
      const known = this.#scopes.get(identifier) ?? [];
      this.#scopes.set(identifier, new Set([...known, ...scopes]));
    }
    this.identifiers = [...this.#scopes.keys()];
  }

  /** @returns undefined when there is no such API */
  scopesOf(identifier: string): ReadonlySet<string> | undefined {
    return this.#scopes.get(identifier);
  }

  /** Of some, the one that these scopes are of, for a client that names scopes only. */
  meant(identifiers: readonly string[], scopes: ReadonlySet<string>): string {
    const fits = (identifier: string): boolean =>
      [...(this.scopesOf(identifier) ?? [])].some((scope) => scopes.has(scope));
    return identifiers.find(fits) ?? (identifiers[0] as string);
  }
}
