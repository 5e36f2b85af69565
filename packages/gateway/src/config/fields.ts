import { z } from 'zod';
import { isMalformed, type Malformed } from '../policy/allow.ts';
import { readDuration } from './readers.ts';

/** A string that a reader understands; what the reader says is wrong becomes the problem, its fix included. */
export function text<T>(read: (text: string) => T | Malformed) {
  return z.string().transform((value, context): T => {
    const result = read(value);
    if (!isProblem(result)) return result;
    context.addIssue({ code: 'custom', message: result.message, params: { fix: result.fix } });
    return z.NEVER;
  });
}

/** Whether a reader understood nothing. */
export function isProblem<T>(result: T | Malformed): result is Malformed {
  return typeof result === 'object' && result !== null && isMalformed(result);
}

/**
 * A duration, in milliseconds when it is read.
 *
 * @param range - the bounds in words, for the fix
 */
export function duration(least: number, most: number, range: string) {
  return text((value) => {
    const result = readDuration(value);
    if (typeof result !== 'number' || (result >= least && result <= most)) return result;
    return { message: 'is too short or too long', fix: `Write something between ${range}.` };
  });
}

/** Numbers may come from the environment, as text. */
export function number(least: number, most: number) {
  const sound = (value: number): boolean => Number.isInteger(value) && value >= least && value <= most;
  const message = `is not a whole number from ${least} to ${most}`;
  return z.union(
    [z.int().min(least).max(most), z.string().regex(/^\d+$/).transform(Number).refine(sound, { message })],
    { error: message },
  );
}

/** Milliseconds. */
export const HOUR = 3_600_000;
export const file = () => z.string().min(1);
export const names = () => z.array(z.string().min(1));
