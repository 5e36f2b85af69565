import { expect, it } from 'vitest';
import { askHook } from '../../src/policy/hook.ts';

const REQUEST = { app: 'sales', path: '/', method: 'GET' };

it('an authorize function that never answers is a no, after a while', async () => {
  const never = () => new Promise<boolean>(() => undefined);
  await expect(askHook(never, undefined, REQUEST, 5)).rejects.toMatchObject({
    code: 'authorize_timeout',
    status: 503,
  });
});

it('an authorize function may answer at once or later', async () => {
  expect(await askHook(() => true, undefined, REQUEST)).toBe(true);
  expect(await askHook(async () => ({ deny: 'closed' }), undefined, REQUEST)).toEqual({ deny: 'closed' });
});
