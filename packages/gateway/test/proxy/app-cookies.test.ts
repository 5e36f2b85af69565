import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Identity } from '../../src/core/types.ts';
import { panelCookies, withAppCookies } from '../../src/proxy/app-cookies.ts';
import { signedValue } from '../../src/proxy/signed-value.ts';

const NOW = Date.UTC(2026, 0, 1);
const SECRET = 'a-secret-for-tests-only';
const ANN: Identity = {
  issuer: 'https://id.example.com',
  subject: 's-1',
  provider: 'corp',
  email: 'ann@example.com',
  name: 'Ann Ünal',
  roles: ['analyst'],
  groups: ['finance'],
};

function cookieOf(pairs: string, name: string): string {
  const pair = pairs.split('; ').find((one) => one.startsWith(`${name}=`)) ?? '';
  return pair.slice(name.length + 1);
}

function valueIn(signed: string): string {
  return Buffer.from(signed.split('|')[4]?.replace(/^\d+:/, '') ?? '', 'base64').toString();
}

function claimsIn(pairs: string): Record<string, unknown> {
  const jwt = valueIn(cookieOf(pairs, 'id_token'));
  return JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString());
}

describe('a signed value', () => {
  it('has Tornado’s fields, and the signature over all of them', () => {
    const signed = signedValue(SECRET, 'user', 'ann', NOW);
    const text = '2|1:0|10:1767225600|4:user|4:YW5u|';
    expect(signed).toBe(text + createHmac('sha256', SECRET).update(text).digest('hex'));
  });
});

describe('the cookies of a Panel app', () => {
  const cookies = panelCookies(SECRET);

  it('name the user by the claim of choice, else the verified address, else the subject', () => {
    const userOf = (identity: Identity) => valueIn(cookieOf(cookies.person(identity, NOW), 'user'));
    expect(userOf({ ...ANN, user: 'ann' })).toBe('ann');
    expect(userOf(ANN)).toBe('ann@example.com');
    const { email: _email, ...bare } = ANN;
    expect(userOf(bare)).toBe('s-1');
  });

  it('stay small, however many groups there are, and say what they leave out', () => {
    const many = (word: string) => Array.from({ length: 500 }, (_, index) => `${word}-${index}`);
    const groups = cookies.person({ ...ANN, groups: many('group') }, NOW);
    expect(claimsIn(groups)).toMatchObject({ roles: ['analyst'], groups_overflow: true });
    const both = cookies.person({ ...ANN, roles: many('role'), groups: many('group') }, NOW);
    expect(claimsIn(both)).toMatchObject({ roles_overflow: true, groups_overflow: true });
    expect(both.length).toBeLessThan(1500);
    const wordy = cookies.person({ ...ANN, claims: { about: many('word') }, groups: [] }, NOW);
    expect(claimsIn(wordy)).toMatchObject({ roles: ['analyst'], claims_overflow: true });
    expect(claimsIn(wordy)).not.toHaveProperty('about');
  });

  it('tell the further claims that the provider was asked for, and never in place of another', () => {
    const claims = {
      department: 'R&D',
      level: 3,
      user: 'boss',
      roles: ['admin'],
      iss: 'https://evil.example',
    };
    expect(claimsIn(cookies.person({ ...ANN, claims }, NOW))).toMatchObject({
      department: 'R&D',
      level: 3,
      user: 'ann@example.com',
      roles: ['analyst'],
      iss: ANN.issuer,
    });
  });

  it('replace what a browser sends under these names, in whatever spelling Python takes for them', () => {
    const spoofs = [
      'user=boss',
      ' user =boss',
      'USER=boss',
      '\u0085user=boss',
      '\u00a0user\u00a0=boss',
      'user',
    ];
    for (const spoof of [
      ...spoofs,
      'is_guest=1',
      'id_token=x',
      'access_token=x',
      'refresh_token=x',
      'oauth_expiry=1',
    ])
      expect(withAppCookies(`a=1; ${spoof};b=2`, cookies.names, 'user=ann')).toBe('a=1; b=2; user=ann');
    expect(withAppCookies('', cookies.names, 'user=ann')).toBe('user=ann');
    expect(withAppCookies('user_id=7; my-user=8', cookies.names, '')).toBe('user_id=7; my-user=8');
  });

  it('cost no more for names made to be slow (ReDoS): a hundred cookies of 47,000 signs within the time of one test', () => {
    for (let count = 0; count < 100; count++) {
      const slow = `a${'-'.repeat(47_000)}a=1`;
      expect(withAppCookies(slow, cookies.names, 'user=ann')).toBe(`${slow}; user=ann`);
    }
  });

  it('stand last, so that no cookie of a browser comes after them', () => {
    fc.assert(
      fc.property(fc.string(), (header) => {
        const text = withAppCookies(header, cookies.names, 'user=ann');
        expect(text.endsWith('user=ann')).toBe(true);
        expect(text.split(';').filter((pair) => /^\s*user\s*=/.test(pair))).toHaveLength(1);
      }),
    );
  });
});
