import type { SecurityFact } from './security-facts.ts';

/** The statements on other sites, limits and outages. */
export const LATER_STATEMENTS: Readonly<Record<number, SecurityFact>> = {
  16: {
    holds:
      'An upgrade meets every check, and what could change something comes from a page of this very origin',
    proofs: {
      'devidp/people.test.ts': ['changes nothing for a form from elsewhere'],
      'gate/forgery.test.ts': [
        'a request that could change something, with a session',
        'a WebSocket upgrade (security fact 16, CVE-2026-44578)',
      ],
      'gate/closed-doors.test.ts': ['an upgrade request in disguise'],
      'gate/bearer.test.ts': ['no WebSocket opens'],
      'gate/tickets.test.ts': [
        'opens one socket of the page that asked for it; the app sees neither it nor the other origin',
        'for %s',
      ],
      'gate/cors.test.ts': [
        'lets no cookie be used across sites: what a cookie authenticates is judged by its Origin as ever',
      ],
      'policy/permit.test.ts': [
        'never gives a permit in somebody’s name to an origin that is not this one',
        'authorises an unsafe method only from pages of this origin',
      ],
    },
  },
  17: {
    holds: 'No client stops the process, nor takes more than its share of memory and time',
    proofs: {
      'wire/fuzz.test.ts': [
        'mutated requests stop nothing and never reach the handler with an ambiguous path',
        'noise stops nothing',
      ],
      'wire/slow.test.ts': ['a slow client cannot hold a connection'],
      'wire/http2.test.ts': [
        'survives a reset, or the end of the session, at any moment of an exchange',
        'ends a session that floods it with resets (CVE-2023-44487)',
        'ends a session whose head never ends (CVE-2024-27983: CONTINUATION flood)',
      ],
      'wire/connection.test.ts': [
        'reads thousands of cookies, and several Cookie lines as one',
        'makes a pipelining client that reads no answers wait, instead of keeping them all',
      ],
      'wire/body.test.ts': [
        'trailers made to be slow (ReDoS) cost no more: three thousand of 8,000 spaces within the time of one test',
      ],
      'proxy/app-cookies.test.ts': [
        'cost no more for names made to be slow (ReDoS): a hundred cookies of 47,000 signs within the time of one test',
      ],
      'proxy/broken-apps.test.ts': ['within a WebSocket handshake, at any byte, leaves the gateway standing'],
      'gate/attacks.test.ts': ['leaves nothing behind in memory or in the store, whatever they ask for'],
      'identity/password/throttle.test.ts': [
        'remembers no more names than it may, and forgets nobody who waits because of a flood of others',
      ],
    },
  },
  18: {
    holds: 'The decision comes before the first byte of the app, and without a store nobody is let in',
    proofs: {
      'gate/closed-doors.test.ts': [
        'a page goes to sign-in, data gets 401, an upgrade 401, and not one byte reaches the app',
        'what the app gets from somebody signed in proves that the tests above can fail',
      ],
      'gate/late-answer.test.ts': [
        'a session that ends while the operator’s own function thinks gets nothing of the app',
      ],
      'gate/outage.test.ts': [
        'a session that is not in memory is refused with 503, in words, and the app hears nothing',
      ],
      'session/sessions.test.ts': [
        'fails closed with 503 while the store is down, and live ones in memory go on',
      ],
    },
  },
  19: {
    holds:
      'Each page around an app has a session of its own, no other page may show it, and nobody signs in inside a frame',
    proofs: {
      'gate/frames.test.ts': ['security fact 19: who may show an app in a frame'],
      'gate/cors.test.ts': ['no page gets permission to read'],
      'gate/embed-code.test.ts': [
        'a one-time code for a frame',
        'a code is redeemed',
        'pages of other sites',
      ],
      'gate/embed-session.test.ts': [
        'of one page and that of another are two, in one browser too: what ends one leaves the other',
        'of one page gives way to that of another of the same site, where browsers share the cookies',
        'cannot be renewed, or ended, by another page that is listed as well',
        'is good under no other name, and an ordinary one is not good under its',
        'a whole life leaves no token, code, handle or cookie in a log, a page or the app',
      ],
      'gate/embed-frames.test.ts': [
        'there is no sign-in, but a page that tells the listed pages around it, and nobody else',
        'learns from the gateway which page is around it',
        'of two people nothing goes on in either name, and a page says why',
      ],
      'embed/time.test.ts': ['is good for a minute and no longer', 'ends with its token'],
      '../../embed/test/bridge.browser.test.ts': [
        'the page hears no other window and no other origin',
        'the page does not hear what has taken the app’s place in the frame',
        'the app hears nobody but the page around it',
        'a page that the session does not name neither hears nor reaches the app, though it frames it',
        'the token is in no address and reaches neither the frame nor the app',
      ],
    },
  },
};
