import type { LoginHints } from '../identity/provider.ts';

/** What a link may ask for; `none` would end in an error page, since nobody is signed in here. */
const PROMPTS = new Set(['login', 'select_account', 'consent']);
const LOGIN_HINT = /^[\x21-\x7e]{1,254}$/;

/**
 * `prompt` and `login_hint` of a sign-in link (OpenID Connect Core section 3.1.2.1), so that a product which knows its
 * user need not ask again. Whatever else a link says is not passed on.
 */
export function hintsOf(params: URLSearchParams): LoginHints {
  const prompt = params.get('prompt') ?? '';
  const loginHint = params.get('login_hint') ?? '';
  return {
    ...(PROMPTS.has(prompt) ? { prompt } : {}),
    ...(LOGIN_HINT.test(loginHint) ? { loginHint } : {}),
  };
}
