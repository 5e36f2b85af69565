import { LATER_STATEMENTS } from './security-facts-later.ts';

/** Tests that prove something: by file below `test/`, the titles of tests or of groups in it. */
export type Proofs = Readonly<Record<string, readonly string[]>>;

export interface SecurityFact {
  /** What must hold, in a sentence. */
  readonly holds: string;
  readonly proofs: Proofs;
}

/** What binds a gateway that signs people in, numbered as comments in the code name them ("security fact 7"). */
export const STATEMENTS: Readonly<Record<number, SecurityFact>> = {
  1: {
    holds: 'A sign-in is the code flow with S256; its state and nonce work once, in the browser it began in',
    proofs: {
      'login/sign-in.test.ts': [
        'asks the provider for a code with PKCE S256, state and nonce, all fresh',
        'cannot be weakened by extra parameters',
      ],
      'login/callback.test.ts': [
        'that is replayed is refused, even with the cookie kept',
        'that arrives many times at once makes one session',
        'in another browser is refused',
        'for another provider of the same gateway is refused',
        'with an ID token for another nonce is refused',
        'for another PKCE verifier is refused',
      ],
      'identity/hostile/callback.test.ts': ['%s signs nobody in and asks for no token'],
    },
  },
  2: {
    holds: 'Two tabs can sign in, a session that is there is enough, and cookies of sign-ins do not pile up',
    proofs: {
      'login/sign-in.test.ts': ['succeeds in two tabs, in either order'],
      'login/callback.test.ts': ['of nobody’s sign-in takes somebody who is signed in to a safe place'],
      'login/return-to.test.ts': ['do not pile up: four, the newest'],
      'gate/closed-doors.test.ts': [
        'a page goes to sign-in, data gets 401, an upgrade 401, and not one byte reaches the app',
      ],
    },
  },
  3: {
    holds:
      'A callback names the right issuer where one is due, and no parameter that decides something twice',
    proofs: {
      'login/callback.test.ts': ['with "%s" twice is refused', 'with %s is refused'],
      'identity/hostile/callback.test.ts': [
        '%s signs nobody in and asks for no token',
        'that names %s is refused where the metadata promises nothing, too',
      ],
      'identity/oauth/sign-in.test.ts': [
        'with a code of another provider makes no session, and the code goes to nobody (mix-up)',
      ],
    },
  },
  4: {
    holds:
      'Redirect URIs come from the configuration; a provider speaks for itself, over https, unredirected',
    proofs: {
      'login/sign-in.test.ts': ['has a redirect URI from the configuration whatever Host says'],
      'identity/hostile/endpoints.test.ts': [
        'that %s starts no sign-in',
        'that names %s over plain http signs nobody in',
      ],
      'identity/oidc.test.ts': ['of %s is refused', 'is not looked for behind a redirect'],
    },
  },
  5: {
    holds: 'Of an ID token everything is checked, UserInfo is about the same person, and so is a renewal',
    proofs: {
      'identity/hostile/id-token.test.ts': ['nobody is signed in by an ID token with', 'max_age'],
      'identity/hostile/endpoints.test.ts': ['UserInfo'],
      'identity/hostile/over-time.test.ts': ['security fact 5: a renewal'],
      'identity/quirks/protocol.test.ts': ['is asked for and looked after: %s'],
    },
  },
  6: {
    holds: 'A person is issuer and subject; an address counts when verified, a tenant when listed',
    proofs: {
      'identity/oauth/github.test.ts': [
        'with another login and the same e-mail is somebody else (CVE-2023-3128)',
      ],
      'identity/oidc.test.ts': ['has no e-mail when email_verified is %s (CVE-2023-3128)'],
      'identity/quirks/entra.test.ts': [
        'signs in one tenant’s people by tid and oid, with app roles and groups',
        'sign in when they are listed, with the tenant filled into the issuer',
        'are refused with %s',
      ],
    },
  },
  7: {
    holds: 'The way back after sign-in never leaves the site, and cannot be changed on the way',
    proofs: {
      'login/return-to.test.ts': ['never leads to another site'],
      'login/callback.test.ts': ['with a tampered cookie is refused, whichever character changed'],
      'password/sign-in.test.ts': ['leads to no other site afterwards'],
      'gate/authorize.test.ts': ['that %s lets nobody in, and says why only in the log'],
    },
  },
  8: {
    holds: 'A sign-in gives a new session id and ends the old session; two session cookies are none',
    proofs: {
      'login/sign-in.test.ts': ['ends the session that the browser had: its cookie is dead'],
      'password/sign-in.test.ts': ['gives a new session every time, and ends the one that was there'],
      'session/sessions.test.ts': ['has ids that differ each time, and a handle that is not the cookie'],
      'session/sessions-end.test.ts': ['is dead for a replayed cookie, here, elsewhere and after a restart'],
      'gate/closed-doors.test.ts': ['with two session cookies', 'in two Cookie lines count as two'],
      'login/callback.test.ts': ['with the transaction under another name, or tossed in twice, is refused'],
    },
  },
  9: {
    holds: 'However many want new tokens, one request is made; only the provider’s own word ends a session',
    proofs: {
      'login/refresh.test.ts': [
        'security fact 9: concurrent refreshes make one token request',
        'a provider in trouble costs no session and delays no request',
        'ends the session and its sockets at once',
      ],
      'login/refresh-processes.test.ts': ['security fact 9: across processes'],
      'identity/api-tokens/vendors.test.ts': [
        'signs nobody out over %s',
        'signs nobody out while there is something that the person can do',
      ],
      'delegation/one-request.test.ts': ['security fact 9: one request for a token, however many ask'],
      'delegation/api-tokens-trouble.test.ts': ['a provider that says no', 'a provider in trouble'],
      'session/stores.test.ts': ['takes over the lock of a process that died, when its lease has run out'],
    },
  },
  10: {
    holds: 'The gateway’s cookies are its own, keys serve one purpose each, and secrets are written nowhere',
    proofs: {
      'e2e/python.e2e.test.ts': [
        'portico.api() calls as the person, and the app sees neither token nor credential',
      ],
      'gate/identity.test.ts': ["the gateway's own never reach an app, the others do, unchanged"],
      'gate/answers.test.ts': ['cookies that an app sets'],
      'proxy/websocket.test.ts': ['cannot set cookies of the gateway'],
      'http/cookies.test.ts': [
        'are out of reach of scripts and other sites, and are deleted with the attributes they were set with',
      ],
      'session/seal.test.ts': ['opens nothing for another purpose, in another row, or with another secret'],
      'gate/canary.test.ts': [
        'a whole sign-in, with errors and denials around it, leaves no secret in a log, a page or a header',
      ],
      'gate/profile-tokens.test.ts': [
        'get into no line of the log and no page of ours, also when the app fails',
        'verifies with the keys where they are said to be, and not with those of anything else',
      ],
      'identity/api-tokens/vendors.test.ts': ['keeps its tokens out of every error'],
      'delegation/canary.test.ts': [
        'tokens for apps, with refusals around them, leave no secret in a log, an error or the store',
      ],
      'delegation/call.test.ts': [
        'tells the API nothing of who the app is: no credential, no assertion, no cookie, no identity, no hop',
        'brings the answer without cookies, hop-by-hop headers and words of the gateway',
      ],
      'delegation/started-app.test.ts': [
        'has a credential that is its own, the same after a restart, and not the gateway’s secret',
      ],
      'telemetry/log.test.ts': ['do not reach it under any spelling of a secret name'],
      'e2e/bokeh-tokens.e2e.test.ts': ['tells who looks at the page, and nothing that opens anything'],
    },
  },
  11: {
    holds:
      'A provider’s logout is checked whole, works once and closes sockets; signing out needs no provider',
    proofs: {
      'login/back-channel-refused.test.ts': [
        'a logout token is refused',
        'the address for back-channel logout',
      ],
      'login/back-channel.test.ts': [
        'with sub ends every session of that person, closes their sockets, and nobody else’s',
        'replayed is refused, also by another process, and what was signed in since stays',
      ],
      'login/sign-out.test.ts': ['works while the provider is down', 'sign-out'],
    },
  },
  12: {
    holds:
      'A bearer token is worth nothing unless it was verified: one a request, by configured keys and algorithms, for us, and until it ends',
    proofs: {
      'bearer/token.test.ts': [
        'security fact 12: a request is not let in by a token',
        'is an ID token or worse, and opens nothing: one %s',
        'that %s are 403, so that the client knows what would help',
      ],
      'bearer/keys.test.ts': ['security fact 12: the keys of an issuer of bearer tokens'],
      'bearer/credentials.test.ts': ['security fact 12: the token of a request'],
      'bearer/memory.test.ts': [
        'for one audience or scope is not good for another at the same app or another (GHSA-qvp4)',
        'ends on time without a request as well, within one round of the upkeep',
      ],
      'bearer/ends.test.ts': ['a token that is ended before its time'],
      'bearer/introspection.test.ts': [
        'is refused when the issuer says that it is %s',
        'fails closed: no answer after a minute is no request let in, and a good one is the same session again',
      ],
      'config/bearer.test.ts': [
        'with a public key is never taken for a secret, with which everybody could sign: %s',
      ],
      'gate/attacks.test.ts': ['CVE-2022-29226: what somebody calls a token opens nothing'],
      'gate/bearer.test.ts': [
        'security fact 12: at every door, with %s',
        'never reaches the app, under any spelling of the header',
        'opens no app that does not take it',
        'is answered as RFC 6750 says, as data and as a page, and the reason stands in the audit',
        'closes when the token ends',
      ],
      'gate/bearer-ends.test.ts': [
        'by `portico sessions revoke` closes its sockets and streams, opens nothing any more, and others stay',
      ],
      'gate/tickets.test.ts': [
        'is no cookie’s second chance, and nothing for an ordinary request',
        'a ticket is worth nothing after half a minute',
      ],
      'e2e/doors-bearer.e2e.test.ts': ['give nothing to a client with %s'],
      'e2e/embedding/nobody.e2e.test.ts': [
        'gets nothing from any endpoint without a token, or with one that is none',
      ],
      'identity/hostile/over-time.test.ts': ['security fact 12: keys'],
      '../../verify/test/bearer.test.ts': [
        'security fact 12: a bearer token is refused',
        'is an ID token or worse, and refused: one %s',
        'are refused: %s',
      ],
      '../../verify/test/keys.test.ts': ['security fact 12: the keys of an issuer'],
      '../../verify/test/adapters.test.ts': [
        'refuses a token in two ways at once',
        'refuses two Authorization headers, in either order',
        'forbids what the scopes do not allow, and names the scopes',
      ],
      '../../verify/test/real-issuer.test.ts': [
        'is accepted by the API that it is for, with its scopes, and by no other',
      ],
    },
  },
  13: {
    holds: 'No spelling of an identity header gets through, and forwarded ones count from listed peers only',
    proofs: {
      'http/header-names.test.ts': [
        'every spelling that some server may fold to an identity name is an identity name',
        'no other spelling of a header that frames a message or selects a site goes on',
      ],
      'gate/identity.test.ts': [
        'what a client calls by a name of identity never arrives (CVE-2025-64484, CVE-2026-88011)',
        'nor as a trailer',
        'CVE-2026-33805: headers that the client nominates in Connection',
        'who asks (CVE-2026-40575)',
      ],
      'gate/bokeh.test.ts': [
        'goes to Bokeh and Panel apps only, and nobody can bring one along or name a session',
        'is refused before the app hears of it with another’s token, and with none; the audit says why',
      ],
      'proxy/person-binding.test.ts': ['a session token of Bokeh'],
      'gate/profiles.test.ts': [
        'the spoofing matrix: a name of any profile, in any alias, by HTTP and by WebSocket',
      ],
      'proxy/profiles.test.ts': ['%s: no value of a person can end its line'],
      'e2e/stories/straight.e2e.test.ts': ['portico.user() never becomes a user'],
      'proxy/app-cookies.test.ts': [
        'replace what a browser sends under these names, in whatever spelling Python takes for them',
      ],
    },
  },
  14: {
    holds: 'Policy judges the path that the app sees, and nothing else',
    proofs: {
      'http/target.test.ts': [
        'a path that could be read in two ways is refused',
        'whatever is accepted has the same segments for a URL parser, and for a server that decodes and normalises',
        'whatever is accepted means the same when it is decoded twice',
      ],
      'policy/decide.test.ts': [
        'that restrict hold for every spelling an app may read as the same path',
        'are not dodged by any percent-encoding of the letters of a path',
      ],
      'gate/attacks.test.ts': [
        'are told apart by the path as the server reads it, however it is encoded',
        'a header that moves the app (Gunicorn takes SCRIPT_NAME off the path)',
        'the own prefix in another spelling',
      ],
      'gate/advisories.test.ts': ['a public path is that path and nothing else'],
      'delegation/call-bounds.test.ts': [
        'whatever an app asks for, nothing but the declared host below the declared path is called',
        'what is harmless goes on byte for byte',
      ],
    },
  },
  15: {
    holds: 'What two servers could read as different requests is refused, and a host has one name',
    proofs: {
      'wire/refused.test.ts': [
        'a malformed head is refused, the connection ends, and nobody is asked',
        'a malformed chunked body is refused, the connection ends, and its receiver never sees an end',
      ],
      'wire/parser-equivalence.test.ts': ["Node's own parser understands the same of every valid request"],
      'e2e/servers.e2e.test.ts': ['real servers understand what the gate has judged'],
      'wire/body.test.ts': [
        'a chunked body gives the same content and ends at the same byte however it is split',
      ],
      'gate/advisories.test.ts': ['CVE-2026-48794: a host is the same host however it is written'],
    },
  },
  ...LATER_STATEMENTS,
};
