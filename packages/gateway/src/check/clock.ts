import { type Finding, note, ok, problem } from './finding.ts';

const TOLERANCE_MS = 30_000;
/** Beyond this the tokens of a provider look expired, or not yet valid, to us. */
const SERIOUS_MS = 5 * 60_000;

/**
 * Compares our clock with the provider's.
 *
 * @param date - `Date` of its answer (RFC 9110 section 6.6.1)
 * @param now - when that answer came
 */
export function clockFinding(date: string | null, now: number): Finding {
  const theirs = date === null ? Number.NaN : Date.parse(date);
  if (Number.isNaN(theirs)) return note('clock_unknown', 'The provider does not say what time it is.');
  const seconds = Math.round((now - theirs) / 1000);
  const words = `Our clock is ${Math.abs(seconds)} s ${seconds < 0 ? 'behind' : 'ahead of'} the provider’s.`;
  const fix =
    'Set the clock of this machine, best by NTP: timedatectl set-ntp true, or on the host of a virtual machine.';
  if (Math.abs(now - theirs) > SERIOUS_MS) return problem('clock_skew', words, fix);
  if (Math.abs(now - theirs) > TOLERANCE_MS) return note('clock_skew', words, fix);
  return ok('clock', 'The clocks agree.');
}
