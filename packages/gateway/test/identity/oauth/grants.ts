import { createHash, randomBytes } from 'node:crypto';

export const CLIENT_ID = 'portico-client';
export const CLIENT_SECRET = 'canary-client-secret-0123456789';

interface Code {
  readonly redirectUri: string;
  readonly challenge: string | null;
  readonly scope: string;
}

export interface Issued {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly scope: string;
}

export type Refused = 'bad_client' | 'bad_code' | 'bad_redirect_uri' | 'bad_verifier' | 'bad_refresh_token';

/** The part of RFC 6749 and RFC 7636 that the stand-ins share: codes that work once, tokens, rotated refresh tokens. */
export class Grants {
  readonly #codes = new Map<string, Code>();
  readonly tokens = new Map<string, { scope: string }>();
  readonly #refresh = new Map<string, string>();
  /** What somebody grants, when it is less than what was asked for. */
  reduceTo: string | undefined;

  /** Somebody who is signed in and says yes; the address to go back to. */
  approve(query: URLSearchParams, extra: Readonly<Record<string, string>> = {}): string {
    const code = randomBytes(10).toString('hex');
    const redirectUri = query.get('redirect_uri') ?? '';
    this.#codes.set(code, {
      redirectUri,
      challenge: query.get('code_challenge'),
      scope: this.reduceTo ?? query.get('scope') ?? '',
    });
    const back = new URL(redirectUri);
    back.search = new URLSearchParams({ code, state: query.get('state') ?? '', ...extra }).toString();
    return back.href;
  }

  redeem(form: URLSearchParams, client: { id: string | null; secret: string | null }): Issued | Refused {
    if (client.id !== CLIENT_ID || client.secret !== CLIENT_SECRET) return 'bad_client';
    if (form.get('grant_type') === 'refresh_token') {
      const token = form.get('refresh_token') ?? '';
      const scope = this.#refresh.get(token);
      this.#refresh.delete(token);
      return scope === undefined ? 'bad_refresh_token' : this.issue(scope);
    }
    const code = this.#codes.get(form.get('code') ?? '');
    this.#codes.delete(form.get('code') ?? '');
    if (code === undefined) return 'bad_code';
    if (form.get('redirect_uri') !== code.redirectUri) return 'bad_redirect_uri';
    const verifier = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (code.challenge !== null && verifier !== code.challenge) return 'bad_verifier';
    return this.issue(code.scope);
  }

  issue(scope: string): Issued {
    const access_token = `canary-access-${randomBytes(12).toString('hex')}`;
    const refresh_token = `canary-refresh-${randomBytes(12).toString('hex')}`;
    this.tokens.set(access_token, { scope });
    this.#refresh.set(refresh_token, scope);
    return { access_token, refresh_token, scope };
  }
}

/** RFC 6749 section 2.3.1: both halves are form-encoded. */
export function basic(header: string | undefined): { id: string | null; secret: string | null } {
  const [id = '', secret = ''] = Buffer.from((header ?? '').replace(/^Basic /i, ''), 'base64')
    .toString()
    .split(/:(.*)/s);
  return { id: decodeURIComponent(id), secret: decodeURIComponent(secret) };
}
