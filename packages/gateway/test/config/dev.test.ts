import { describe, expect, it } from 'vitest';
import { load, problemsOf, SECRET } from './loading.ts';

const yaml = (rest: string): string => `
secret: ${SECRET}
public_url: http://localhost:8000
${rest}
apps:
  sales: { upstream: "http://127.0.0.1:8501", allow: [everyone] }
  hr: { upstream: "http://127.0.0.1:8502", allow: [everyone] }
`;
const settingsOf = async (rest: string) => (await load({ yaml: yaml(rest) })).settings;

describe('the development provider', () => {
  it('has tokens of an hour, or of the time that the configuration says', async () => {
    expect((await settingsOf('dev: true')).dev?.tokenLifetime).toBe(3_600_000);
    const own = await settingsOf(
      'dev: { token_lifetime: 5s, personas: [{ name: X, email: x@example.com }] }',
    );
    expect(own.dev).toMatchObject({ tokenLifetime: 5_000, personas: [{ id: 'x' }] });
    expect((await settingsOf('dev: { token_lifetime: 2m }')).dev?.personas).toHaveLength(3);
  });

  it.each(['0s', '500ms', '25h', 'soon', '5'])('has no tokens of %s', async (lifetime) => {
    const problems = await problemsOf({ yaml: yaml(`dev: { token_lifetime: ${lifetime} }`) });
    expect(problems.map(({ path }) => path)).toEqual(['dev.token_lifetime']);
  });

  it('brings an API named graph for every app', async () => {
    expect((await settingsOf('dev: true')).apis).toEqual([
      {
        name: 'graph',
        url: 'http://localhost:8000/.auth/dev/graph/v1.0',
        provider: 'dev',
        scopes: ['User.Read', 'Mail.Read', 'Reports.Read.All'],
        resource: 'http://localhost:8000/.auth/dev/graph',
        grant: 'refresh',
        apps: ['sales', 'hr'],
      },
    ]);
  });

  it('leaves a declared API of that name as it is, and others beside its own', async () => {
    const declared = (name: string) =>
      settingsOf(
        `dev: true\napis: { ${name}: { url: "http://127.0.0.1:9000", apps: [sales], scopes: [read] } }`,
      );
    expect((await declared('graph')).apis).toMatchObject([{ name: 'graph', url: 'http://127.0.0.1:9000' }]);
    expect((await declared('orders')).apis.map(({ name }) => name)).toEqual(['orders', 'graph']);
  });

  it('brings no API when it is off', async () => {
    const provider = 'providers: { company: { issuer: "https://login.example.com", client_id: c } }';
    expect((await settingsOf(provider)).apis).toEqual([]);
  });
});
