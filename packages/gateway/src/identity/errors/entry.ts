import type { WayOn } from './ways-on.ts';

/** What a provider may say when something is wrong, and what that means. One entry of the catalogue. */
export interface Entry {
  /** The words to search for; unique in the catalogue. */
  readonly id: string;
  /** Who says so, as docs/providers/troubleshooting.md groups it. */
  readonly vendor: string;
  /** What the person in front of the browser is told, and the stable code. */
  readonly wayOn: WayOn;
  readonly when: When;
  /** As the vendor documents it: `error`, `error_description`, or what its page says. */
  readonly example: { readonly error?: string; readonly text?: string };
  /** One sentence for the operator. */
  readonly happened: string;
  /** For the operator: what to change, and where. */
  readonly fix: string;
  /** Documentation of the vendor or of the standard. */
  readonly link: string;
}

/** All that is given must hold. */
export interface When {
  /** OAuth error codes (RFC 6749 sections 4.1.2.1 and 5.2). */
  readonly error?: readonly string[];
  /** Found in the description or on the page. */
  readonly text?: RegExp;
  /** Codes of the OIDC client, of Node or of OpenSSL. */
  readonly code?: readonly string[];
  /** What was being done, such as `discovery`. */
  readonly doing?: string;
}

/** What is known of one failure. */
export interface Told {
  readonly errors: readonly string[];
  readonly text: string;
  readonly codes: readonly string[];
  readonly doing: string;
}

export function holds({ error, text, code, doing }: When, told: Told): boolean {
  return (
    (error === undefined || told.errors.some((one) => error.includes(one))) &&
    (text === undefined || text.test(told.text)) &&
    (code === undefined || told.codes.some((one) => code.includes(one))) &&
    (doing === undefined || told.doing === doing)
  );
}
