import type { SecurityFact } from './security-facts.ts';

/** Holes that others had, so that we do not have them too. */
export const ADVISORIES: Readonly<Record<string, SecurityFact>> = {
  'CVE-2026-40575': {
    holds: 'A forged outside address changes neither policy nor who asks',
    proofs: {
      'gate/advisories.test.ts': ['CVE-2026-40575, CVE-2025-64484: whatever %s says'],
      'gate/identity.test.ts': ['who asks (CVE-2026-40575)'],
    },
  },
  'CVE-2025-64484': {
    holds: 'Underscores hide no identity header',
    proofs: {
      'http/header-names.test.ts': [
        'every spelling that some server may fold to an identity name is an identity name',
      ],
      'gate/identity.test.ts': ['in any spelling'],
    },
  },
  'CVE-2026-88011': {
    holds: 'Dots and all other signs hide none either',
    proofs: {
      'http/header-names.test.ts': [
        'every spelling that some server may fold to an identity name is an identity name',
      ],
      'gate/identity.test.ts': ['in any spelling'],
    },
  },
  'GHSA-7rh7': {
    holds: 'A rule never matches the query',
    proofs: { 'gate/advisories.test.ts': ['a public path is that path and nothing else'] },
  },
  'CVE-2026-41059': {
    holds: 'Nor a fragment',
    proofs: {
      'gate/advisories.test.ts': ['a public path is that path and nothing else'],
      'wire/refused.test.ts': ['a malformed head is refused, the connection ends, and nobody is asked'],
    },
  },
  'CVE-2026-34457': {
    holds: 'No User-Agent opens anything',
    proofs: {
      'gate/advisories.test.ts': ['CVE-2026-34457: whatever the User-Agent'],
      'policy/permit.test.ts': [
        'asks for sign-in without a session, whatever the kind, the method or the User-Agent (CVE-2026-34457)',
      ],
    },
  },
  'CVE-2026-40574': {
    holds: 'An address with two @ belongs to no domain',
    proofs: {
      'policy/allow.test.ts': [
        'never admits an address with more than one @, or a character outside printable ASCII',
        'does not admit %j (CVE-2026-40574)',
      ],
      'identity/claims.test.ts': ['with the e-mail %j give no e-mail (CVE-2026-40574)'],
    },
  },
  'CVE-2026-34454': {
    holds: 'No sign-in page is shown above a session that still opens everything',
    proofs: {
      'login/sign-in.test.ts': [
        'of somebody who is signed in just goes on and shows no sign-in page (CVE-2026-34454)',
        'ends the session that the browser had: its cookie is dead',
      ],
    },
  },
  'CVE-2026-40912': {
    holds: 'The path that policy judged is the one that the app gets',
    proofs: {
      'gate/advisories.test.ts': ['CVE-2026-40912: the app sees the path that policy judged'],
      'gate/attacks.test.ts': ['two apps on one server'],
      'http/target.test.ts': [
        'whatever is accepted has the same segments for a URL parser, and for a server that decodes and normalises',
      ],
    },
  },
  'CVE-2024-39315': {
    holds: 'No page tells a browser a token',
    proofs: {
      'gate/advisories.test.ts': [
        'CVE-2024-39315: no page tells a browser what only the server may know',
        'who-am-I has no token and no handle',
      ],
    },
  },
  'CVE-2021-41230': {
    holds: 'Claims that are over are used nowhere any more',
    proofs: {
      'session/sessions.test.ts': [
        'replace the old ones everywhere at once; nothing made from stale claims stays (CVE-2021-41230)',
      ],
      'login/refresh.test.ts': [
        'takes effect at once: a role that is gone opens nothing more, and what it had opened closes',
      ],
      'gate/roles.test.ts': [
        'goes with the group at the next refresh, and takes open WebSockets with it (CVE-2021-41230)',
      ],
      'delegation/token-refused.test.ts': [
        'a person whose role was withdrawn, though their session lives and has a token in its cache',
      ],
    },
  },
  'CVE-2026-48794': {
    holds: 'Capitals in a host name no other site',
    proofs: {
      'gate/advisories.test.ts': ['CVE-2026-48794: a host is the same host however it is written'],
    },
  },
  'GHSA-qvp4': {
    holds: 'Tokens for one scope are never taken for those of another',
    proofs: {
      'bearer/memory.test.ts': [
        'for one audience or scope is not good for another at the same app or another (GHSA-qvp4)',
      ],
      'login/refresh.test.ts': [
        'two sessions of one person are two grants, each renewed with its own token (GHSA-qvp4)',
      ],
      'delegation/api-tokens.test.ts': [
        'for some scopes, one resource or one API is never given for others (GHSA-qvp4)',
        'has a key in the cache that no two wishes share',
      ],
    },
  },
  'CVE-2022-29226': {
    holds: 'Not every bearer is somebody',
    proofs: {
      'gate/attacks.test.ts': ['CVE-2022-29226: what somebody calls a token opens nothing'],
      'gate/bearer.test.ts': ['security fact 12: at every door, with %s'],
    },
  },
  'CVE-2023-48309': {
    holds: 'The state of a sign-in is no session',
    proofs: {
      'session/sessions.test.ts': ['when it is a sign-in state in the place of a session (CVE-2023-48309)'],
      'gate/attacks.test.ts': [
        'CVE-2023-48309: the cookie of a sign-in under way opens nothing as a session',
      ],
    },
  },
  'CVE-2026-21883': {
    holds: 'Origins are compared whole',
    proofs: {
      'policy/permit.test.ts': [
        'opens a WebSocket only to pages of exactly this origin (CVE-2026-21883)',
        'never gives a permit in somebody’s name to an origin that is not this one',
      ],
      'gate/forgery.test.ts': ['is refused with %j'],
      'gate/cors.test.ts': ['of an inline app when it is %s, as answer or preflight'],
    },
  },
  'CVE-2026-33805': {
    holds: 'A client cannot nominate our headers away',
    proofs: {
      'gate/identity.test.ts': ['CVE-2026-33805: headers that the client nominates in Connection'],
    },
  },
  'CVE-2023-3128': {
    holds: 'Nobody becomes somebody else by an e-mail address',
    proofs: {
      'identity/oauth/github.test.ts': [
        'with another login and the same e-mail is somebody else (CVE-2023-3128)',
      ],
      'identity/oidc.test.ts': ['has no e-mail when email_verified is %s (CVE-2023-3128)'],
      'identity/quirks/entra.test.ts': ['takes an e-mail address %s for what it is worth (nOAuth)'],
    },
  },
  'GHSA-wcvh': {
    holds: 'A token for another audience is worth nothing',
    proofs: {
      'bearer/token.test.ts': ['security fact 12: a request is not let in by a token'],
      'identity/hostile/id-token.test.ts': ['nobody is signed in by an ID token with'],
      'login/back-channel-refused.test.ts': ['a logout token is refused'],
      'assertion/mint.test.ts': ['is worth nothing to another app'],
      'delegation/token-refused.test.ts': [
        'an app with the assertion of another app, which is no proof here',
      ],
    },
  },
  'CVE-2026-44578': {
    holds: 'An upgrade has no way round the checks',
    proofs: {
      'gate/forgery.test.ts': ['a WebSocket upgrade (security fact 16, CVE-2026-44578)'],
      'gate/closed-doors.test.ts': ['an upgrade request in disguise'],
    },
  },
};
