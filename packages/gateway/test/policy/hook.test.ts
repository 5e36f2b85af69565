import { expect, it } from 'vitest';
import type { HookUser } from '../../src/policy/hook.ts';
import { askHook } from '../../src/policy/hook.ts';
import { person } from './sample.ts';

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

it('an authorize function sees roles and claims as the rules do, and cannot change them', async () => {
  const identity = person({
    roles: ['owner', 'analyst'],
    addedRoles: ['analyst'],
    claims: { department: 'R&D', sites: ['Bonn'] },
  });
  let seen: HookUser | null = null;
  const look = (user: HookUser | null) => {
    seen = user;
    return true;
  };
  await askHook(look, identity, REQUEST);
  expect(seen).toMatchObject({ roles: ['owner', 'analyst'], claims: { department: 'R&D', sites: ['Bonn'] } });
  expect(seen).not.toHaveProperty('addedRoles');
  const change = (user: HookUser | null) => {
    if (user !== null) (user.claims['sites'] as string[]).push('Berlin');
    return true;
  };
  await expect(askHook(change, identity, REQUEST)).rejects.toMatchObject({ code: 'authorize_failed' });
  await askHook(look, person(), REQUEST);
  expect(seen).toMatchObject({ claims: {} });
});
