import { describe, expect, it } from 'vitest';
import { load, problemsOf, SECRET, SOUND } from './loading.ts';

const OIDC = 'type: oidc, issuer: "https://id.example.com", client_id: x';

const withCompany = (claims: string, rest: string) => `
secret: ${SECRET}
providers: { company: { ${OIDC}, ${claims} } }
${rest}`;

describe('roles in the configuration', () => {
  it('are read as allow lists are', async () => {
    const { settings } = await load({
      yaml: `${SOUND}roles: { analyst: ["group:finance", "email:*@example.com"], viewer: ["role:analyst"] }`,
    });
    expect(settings.roles).toEqual([
      {
        role: 'analyst',
        holders: [
          { kind: 'group', value: 'finance' },
          { kind: 'domain', value: 'example.com' },
        ],
      },
      { role: 'viewer', holders: [{ kind: 'role', value: 'analyst' }] },
    ]);
    expect((await load({ yaml: SOUND })).settings.roles).toEqual([]);
  });

  it.each([
    ['roles: { analyst: [robin] }', 'roles.analyst[0]', 'Write one of'],
    ['roles: { analyst: [] }', 'roles.analyst', 'List who has it'],
    ['roles: { analyst: "group:finance" }', 'roles.analyst', 'For example'],
    ['roles: { " x": [everyone] }', 'roles. x', 'role:NAME'],
    ['roles: [analyst]', 'roles', 'For example'],
  ])('are refused with a fix: %s', async (yaml, path, fix) => {
    expect(await problemsOf({ yaml: SOUND + yaml })).toMatchObject([
      { path, fix: expect.stringContaining(fix) },
    ]);
  });
});

describe('claims in the configuration', () => {
  it('are those that a provider is asked for', async () => {
    const { settings } = await load({
      yaml: withCompany(
        'claims: [department, employee.id]',
        'apps: { sales: { upstream: "http://127.0.0.1:1" } }',
      ),
    });
    expect(settings.providers[0]).toMatchObject({ claims: ['department', 'employee.id'] });
  });

  it('that a rule names have to be asked for, wherever the rule stands', async () => {
    const rules = `
roles: { analyst: [everyone, "claim:level=3"] }
apps:
  sales:
    upstream: "http://127.0.0.1:1"
    allow: ["claim:department=R&D", "claim:site=Bonn"]
    rules: [{ path: /a, public: true }, { path: /b, allow: ["claim:level=4"] }]
`;
    const problems = await problemsOf({ yaml: withCompany('claims: [department]', rules) });
    expect(problems.map(({ path, fix }) => [path, fix])).toEqual([
      ['roles.analyst[1]', 'Write claims: [level] at the provider that has it.'],
      ['apps.sales.allow[1]', 'Write claims: [site] at the provider that has it.'],
      ['apps.sales.rules[1].allow[0]', 'Write claims: [level] at the provider that has it.'],
    ]);
    await load({ yaml: withCompany('claims: [department, level, site]', rules) });
  });

  it('of the made-up people count, and so does whatever a plug-in may tell', async () => {
    const rules = 'apps: { sales: { upstream: "http://127.0.0.1:1", allow: ["claim:department=R&D"] } }';
    const person = '{ name: Ada, email: ada@example.com, claims: { department: "R&D" } }';
    await load({ yaml: `secret: ${SECRET}\ndev: { personas: [${person}] }\n${rules}` });
    await load({ yaml: `secret: ${SECRET}\nproviders: { own: { type: ./own.ts } }\n${rules}` });
    expect(await problemsOf({ yaml: `secret: ${SECRET}\ndev: true\n${rules}` })).toHaveLength(1);
  });

  it.each(['sub', 'email', 'email_verified', 'exp', 'sid'])(
    'that are judged elsewhere are not passed on: %s',
    async (name) => {
      const apps = 'apps: { sales: { upstream: "http://127.0.0.1:1" } }';
      expect(await problemsOf({ yaml: withCompany(`claims: [department, ${name}]`, apps) })).toMatchObject([
        { path: 'providers.company.claims[1]', fix: expect.stringContaining('Leave it out') },
      ]);
    },
  );
});
