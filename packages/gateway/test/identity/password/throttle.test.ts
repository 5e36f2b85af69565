import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Throttle, type ThrottleLimits } from '../../../src/identity/password/throttle.ts';

const LIMITS: ThrottleLimits = { free: 3, first: 1000, ceiling: 60_000, memory: 3_600_000, capacity: 50 };

function make(limits: Partial<ThrottleLimits> = {}) {
  const time = { now: 1_000_000 };
  return { time, throttle: new Throttle({ ...LIMITS, ...limits }, () => time.now) };
}

const failTimes = (throttle: Throttle, name: string, times: number): void => {
  for (let i = 0; i < times; i++) throttle.fail(name);
};

describe('the throttle', () => {
  it('lets the first mistakes pass, then doubles the wait up to the ceiling', () => {
    const { throttle } = make();
    const waits = Array.from({ length: 12 }, () => {
      throttle.fail('ada');
      return throttle.wait('ada');
    });
    expect(waits).toEqual([0, 0, 0, 1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
  });

  it('never makes anybody wait longer than the ceiling, however often they fail and whatever the clock does', () => {
    const step = fc.oneof(fc.constant('fail' as const), fc.integer({ min: -10_000_000, max: 10_000_000 }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const { throttle, time } = make();
        for (const each of steps) {
          if (each === 'fail') throttle.fail('ada');
          else time.now += each;
          expect(throttle.wait('ada')).toBeLessThanOrEqual(LIMITS.ceiling);
          expect(throttle.wait('ada')).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });

  it('lets everybody try again after the wait it gave', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), (failures) => {
        const { throttle, time } = make();
        failTimes(throttle, 'ada', failures);
        time.now += throttle.wait('ada');
        expect(throttle.wait('ada')).toBe(0);
      }),
    );
  });

  it('makes nobody wait for what others do', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 100 }), fc.string(), (others, name) => {
        const { throttle } = make();
        for (const other of others) if (other !== name) failTimes(throttle, other, 10);
        expect(throttle.wait(name)).toBe(0);
      }),
    );
  });

  it('remembers no more names than it may, and forgets nobody who waits because of a flood of others', () => {
    const { throttle } = make();
    failTimes(throttle, 'ada', 10);
    for (let i = 0; i < 5000; i++) {
      throttle.fail(`nobody-${i}`);
      expect(throttle.size).toBeLessThanOrEqual(LIMITS.capacity);
    }
    expect(throttle.wait('ada')).toBeGreaterThan(0);
  });

  it('stays within its bound when everybody waits', () => {
    const { throttle } = make();
    for (let i = 0; i < 500; i++) failTimes(throttle, `name-${i}`, 5);
    expect(throttle.size).toBeLessThanOrEqual(LIMITS.capacity);
    expect(throttle.wait('name-499')).toBeGreaterThan(0);
  });

  it('forgets after a while, and gives the memory back', () => {
    const { throttle, time } = make();
    failTimes(throttle, 'ada', 10);
    time.now += LIMITS.memory;
    throttle.fail('ben');
    expect(throttle.size).toBe(1);
    failTimes(throttle, 'ada', LIMITS.free);
    expect(throttle.wait('ada')).toBe(0);
  });

  it('forgives one failure, not all', () => {
    const { throttle } = make();
    failTimes(throttle, 'ada', LIMITS.free + 2);
    throttle.forgive('ada');
    expect(throttle.wait('ada')).toBe(1000);
    throttle.forgive('ada');
    expect(throttle.wait('ada')).toBe(0);
    throttle.fail('ada');
    expect(throttle.wait('ada')).toBe(1000);
  });
});
