import { describe, expect, test } from 'vitest';
import { type Claims, SUBJECT, type Trick } from './provider.ts';
import { world } from './world.ts';

const callback = (change: (parameters: URLSearchParams) => void): Trick => ({ callback: change });
const set = (name: string, value: string): Trick => callback((all) => all.set(name, value));
const without = (name: string): Trick => callback((all) => all.delete(name));
const twice = (name: string): Trick => callback((all) => all.append(name, all.get(name) ?? 'x'));

describe('security facts 1 and 3: an answer in the browser', () => {
  test.each<readonly [string, Trick]>([
    ['that names another issuer (RFC 9207: mix-up)', set('iss', 'https://evil.example.com')],
    ['that names the issuer with a slash', callback((all) => all.set('iss', `${all.get('iss')}/`))],
    ['that names no issuer, though the metadata promises it', without('iss')],
    ['without state', without('state')],
    ['with an empty state', set('state', '')],
    ['with another state', set('state', 'another')],
    [
      'with the state in other letters',
      callback((all) => all.set('state', (all.get('state') ?? '').toUpperCase())),
    ],
    ['without code', without('code')],
    ['with an empty code', set('code', '')],
    ['with the state twice', twice('state')],
    ['with the code twice', twice('code')],
    ['with the issuer twice', twice('iss')],
    ['with an error and a code', set('error', 'access_denied')],
    ['with a JARM response', set('response', 'e30.e30.')],
    ['with an ID token', set('id_token', 'e30.e30.')],
  ])('%s signs nobody in and asks for no token', async (_what, trick) => {
    const it = await world(trick);
    const { answer, who } = await it.signIn();
    expect(who).toBeUndefined();
    expect([400, 403]).toContain(answer.status);
    expect(it.provider.asked).not.toContain('token');
  });

  test.each<readonly [string, Trick]>([
    ['another issuer', set('iss', 'https://evil.example.com')],
    ['the issuer twice', twice('iss')],
  ])('that names %s is refused where the metadata promises nothing, too', async (_what, trick) => {
    const it = await world({
      ...trick,
      metadata: (all) => void delete all['authorization_response_iss_parameter_supported'],
    });
    const { answer, who } = await it.signIn();
    expect([answer.status, who]).toEqual([400, undefined]);
    expect(it.provider.asked).not.toContain('token');
  });

  test('without an issuer is accepted where the metadata promises none', async () => {
    const it = await world({
      ...without('iss'),
      metadata: (all) => void delete all['authorization_response_iss_parameter_supported'],
    });
    expect((await it.signIn()).who).toMatchObject({ user: SUBJECT });
  });

  test('with an unknown parameter is accepted (RFC 6749 section 4.1.2)', async () => {
    expect((await (await world(set('session_state', 'x.y'))).signIn()).who).toMatchObject({ user: SUBJECT });
  });

  test('for another sign-in of the same browser does not fit the code (PKCE, RFC 9700 section 4.5)', async () => {
    const it = await world({
      answer: {
        token: (good, form) => ({
          ...good,
          status: form.get('code_verifier') ? 400 : 200,
          body: { error: 'invalid_grant' },
        }),
      },
    });
    expect(await it.signIn()).toMatchObject({ answer: { status: 400 }, who: undefined });
    expect(it.provider.request.get('code_challenge_method')).toBe('S256');
    expect(it.provider.request.get('code_challenge')).toMatch(/^[\w-]{43}$/);
    expect(it.provider.request.get('response_type')).toBe('code');
    expect(it.provider.request.has('client_secret')).toBe(false);
  });
});

describe('an error of the provider', () => {
  const error = (name: string, description: string): Trick =>
    callback((all) => {
      all.delete('code');
      all.set('error', name);
      all.set('error_description', description);
      all.set('error_uri', 'https://evil.example.com/help');
    });

  test.each([
    ['a script', '<script>alert(1)</script><img src=x onerror=alert(1)>'],
    ['an attribute', '"><b onmouseover="alert(1)'],
    ['a header', 'x\r\nSet-Cookie: __Host-portico=evil\r\n\r\n<h1>evil</h1>'],
    ['a line of the log', 'x\n{"level":50,"msg":"forged evil"}'],
    ['a telephone number', 'your computer is infected, call 0800-evil'],
    ['no end', 'evil'.repeat(20_000).slice(0, 6000)],
    ['signs that turn letters around', '\u202eevil\u2066'],
  ])('that is %s shows nothing of it', async (_what, description) => {
    for (const name of ['access_denied', 'server_error', description]) {
      const { answer, who } = await (await world(error(name, description))).signIn();
      expect(who).toBeUndefined();
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.text).not.toMatch(/alert|evil|0800/);
      expect(JSON.stringify(answer.rawHeaders)).not.toContain('evil');
    }
  });

  test('is one line in the log, and short', async () => {
    const it = await world(error('server_error', `x\n${'long '.repeat(1000)}`));
    await it.signIn();
    const lines = it.gateway.log.filter((line) => line.includes('server_error'));
    expect(lines.length).toBeGreaterThan(0);
    for (const line of lines) {
      expect(line.trimEnd()).not.toContain('\n');
      expect(line.length).toBeLessThan(5000);
    }
  });

  test.each([
    ['access_denied', 403],
    ['login_required', 400],
    ['interaction_required', 400],
    ['consent_required', 400],
    ['temporarily_unavailable', 502],
    ['server_error', 502],
  ])('%s has status %i or one that says more', async (name, least) => {
    const { answer, who } = await (await world(error(name, ''))).signIn();
    expect(who).toBeUndefined();
    expect(answer.status).toBeGreaterThanOrEqual(Math.min(least, 400));
    if (least === 502) expect(answer.status).toBe(502);
    expect(answer.text).toContain('Start again');
  });
});

describe('claims', () => {
  const claims = (change: Claims): Trick => ({ claims: (all) => void Object.assign(all, change) });
  const nameless = { answer: { userinfo: () => ({ body: { sub: SUBJECT } }) } };

  test.each([
    ['two @ (CVE-2026-40574)', { email: 'a@evil.example@corp.example', email_verified: true }],
    ['a quoted @', { email: '"a@evil.example"@corp.example', email_verified: true }],
    ['a comma', { email: 'a@evil.example,b@corp.example', email_verified: true }],
    ['a line break', { email: 'a@corp.example\nX: y', email_verified: true }],
    ['a NUL', { email: 'a@corp.example\0', email_verified: true }],
    ['angle brackets', { email: 'Boss <boss@corp.example>', email_verified: true }],
    ['300 characters', { email: `${'x'.repeat(300)}@corp.example`, email_verified: true }],
    ['verification as text', { email: 'boss@corp.example', email_verified: 'true' }],
    ['verification as other text', { email: 'boss@corp.example', email_verified: 'false' }],
    ['verification as 1', { email: 'boss@corp.example', email_verified: 1 }],
    ['no verification', { email: 'boss@corp.example' }],
    ['verification refused', { email: 'boss@corp.example', email_verified: false }],
    ['a list', { email: ['boss@corp.example'], email_verified: true }],
  ])('with an e-mail that has %s are those of somebody without e-mail', async (_what, change) => {
    const { who } = await (await world({ ...claims(change), ...nameless })).signIn();
    expect(who).toMatchObject({ user: SUBJECT, email: null });
  });

  test('do not become verified by what another document says of another address', async () => {
    const { who } = await (
      await world({
        ...claims({ email: 'boss@corp.example' }),
        answer: { userinfo: () => ({ body: { sub: SUBJECT, email: 'a@b.example', email_verified: true } }) },
      })
    ).signIn();
    expect(who).toMatchObject({ email: null });
  });

  test.each([
    ['10,000 groups', { groups: Array.from({ length: 10_000 }, (_, i) => `g${i}`) }, 1000],
    ['groups with control characters', { groups: ['ok', 'a\nb', 'a\0b', '\u202eko', '', ' '] }, 1],
    ['groups of one megabyte', { groups: ['ok', 'x'.repeat(1_000_000)] }, 1],
    ['groups as objects', { groups: [{ name: 'admin' }, ['admin'], null, 7, true] }, 0],
    ['groups as an object', { groups: { admin: true } }, 0],
    ['groups as one word', { groups: 'finance' }, 1],
    ['groups a thousand deep', { groups: JSON.parse('['.repeat(1000) + ']'.repeat(1000)) as unknown }, 0],
  ])('with %s keep what is sound', async (_what, change, count) => {
    const { who } = await (await world({ ...claims(change), ...nameless })).signIn();
    expect((who?.['groups'] as unknown[] | undefined)?.length).toBe(count);
  });

  test.each([
    ['objects', [{ name: 'admin' }]],
    ['an object', { admin: ['*'] }],
    ['a list in a list', [['admin']]],
    ['names of Object', { __proto__: ['admin'], constructor: 'admin' }],
    ['true', true],
  ])('with roles as %s give no role', async (_what, roles) => {
    const { who } = await (await world({ ...claims({ roles }), ...nameless })).signIn();
    expect(who).toMatchObject({ roles: [] });
  });

  test.each(['A\r\nB', 'A\u0000B', 'A\u202eB', 'x'.repeat(201), { a: 1 }, ''])(
    'with the name %j are those of somebody without a name',
    async (name) => {
      const { who } = await (await world({ ...claims({ name }), ...nameless })).signIn();
      expect(who).toMatchObject({ user: SUBJECT, name: null });
    },
  );

  test('may have __proto__ in them', async () => {
    const trick: Trick = {
      claims: (all) =>
        void Object.defineProperty(all, '__proto__', { value: { roles: ['admin'] }, enumerable: true }),
    };
    const { who } = await (await world({ ...trick, ...nameless })).signIn();
    expect(who).toMatchObject({ roles: [] });
  });
});
