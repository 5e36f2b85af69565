import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Attempts, networkOf } from '../../../src/identity/password/attempts.ts';

function make() {
  const time = { now: 1_000_000 };
  return { time, attempts: new Attempts(() => time.now) };
}

/** How many tries in a row get through. */
function allowed(
  attempts: Attempts,
  account: (i: number) => string,
  address: (i: number) => string,
  most = 200,
) {
  let count = 0;
  try {
    for (; count < most; count++) attempts.begin(account(count), address(count));
  } catch (error) {
    expect(error).toMatchObject({ code: 'too_many_attempts', status: 429 });
  }
  return count;
}

describe('attempts at passwords', () => {
  it('are slowed down for one account, from wherever they come', () => {
    const { attempts } = make();
    expect(
      allowed(
        attempts,
        () => 'ada',
        (i) => `203.0.113.${i}`,
      ),
    ).toBe(6);
  });

  it('are slowed down for one address, whatever names it tries', () => {
    const { attempts } = make();
    expect(
      allowed(
        attempts,
        (i) => `name-${i}`,
        () => '203.0.113.7',
      ),
    ).toBe(21);
    expect(() => attempts.begin('ben', '203.0.113.8')).not.toThrow();
  });

  it('say how long to wait, and waiting helps: a try that came too early does not count', () => {
    const { attempts, time } = make();
    allowed(
      attempts,
      () => 'ada',
      () => '203.0.113.7',
    );
    for (let i = 0; i < 50; i++) expect(() => attempts.begin('ada', '203.0.113.7')).toThrow();
    let wait = 0;
    try {
      attempts.begin('ada', '203.0.113.7');
    } catch (error) {
      wait = (error as { retryAfter: number }).retryAfter;
    }
    expect(wait).toBe(1000);
    time.now += wait;
    expect(() => attempts.begin('ada', '203.0.113.7')).not.toThrow();
  });

  it('by strangers do not hold up somebody who signed in from their place before', () => {
    const { attempts } = make();
    attempts.begin('ada', '198.51.100.1').succeeded();
    allowed(
      attempts,
      () => 'ada',
      (i) => `203.0.113.${i}`,
    );
    expect(() => attempts.begin('ada', '203.0.113.200')).toThrow();
    expect(() => attempts.begin('ada', '198.51.100.1')).not.toThrow();
  });

  it('from a known place are counted too', () => {
    const { attempts } = make();
    attempts.begin('ada', '198.51.100.1').succeeded();
    expect(
      allowed(
        attempts,
        () => 'ada',
        () => '198.51.100.1',
      ),
    ).toBe(6);
  });

  it('that succeed do not wipe out guesses at other accounts from the same address', () => {
    const { attempts } = make();
    const guesses = allowed(
      attempts,
      (i) => `name-${i}`,
      () => '203.0.113.7',
      20,
    );
    expect(guesses).toBe(20);
    attempts.begin('own', '203.0.113.7').succeeded();
    expect(() => attempts.begin('name-x', '203.0.113.7')).not.toThrow();
    expect(() => attempts.begin('name-y', '203.0.113.7')).toThrow();
  });

  it('that could not be judged do not count', () => {
    const { attempts } = make();
    for (let i = 0; i < 100; i++) attempts.begin('ada', '203.0.113.7').cancel();
    expect(() => attempts.begin('ada', '203.0.113.7')).not.toThrow();
  });

  it('count as failed before they are judged, so that many at once are not all the first', () => {
    const { attempts } = make();
    const open = Array.from({ length: 6 }, () => attempts.begin('ada', '203.0.113.7'));
    expect(() => attempts.begin('ada', '203.0.113.7')).toThrow();
    open[0]?.succeeded();
    expect(() => attempts.begin('ada', '203.0.113.7')).not.toThrow();
  });
});

describe('the network of an address', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:0db8:0001:0002::1', '2001:db8:1:2'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
  ])('of %s is %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });

  it('is the same for all of a /64, however it is written', () => {
    const group = fc.integer({ min: 0, max: 0xffff }).map((value) => value.toString(16));
    const host = fc.array(group, { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(host, host, host, (net, one, other) => {
        expect(networkOf([...net, ...one].join(':'))).toBe(networkOf([...net, ...other].join(':')));
      }),
    );
  });
});
