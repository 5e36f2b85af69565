import { describe, expect, test } from 'vitest';
import type { LaunchContext } from '../../src/apps/plan.ts';
import { launchPlan } from '../../src/apps/presets.ts';
import type { AppType } from '../../src/config/settings.ts';

const CONTEXT: LaunchContext = {
  name: 'sales',
  port: 4321,
  basePath: '/sales',
  publicOrigin: 'https://apps.example.com:8443',
  issuer: 'https://portico.example.com:8443',
  gatewayUrl: 'http://127.0.0.1:5000',
  credential: 'c'.repeat(43),
  signingSecret: 's'.repeat(43),
};
const plan = (type: AppType, line: string, context: Partial<LaunchContext> = {}) =>
  launchPlan(type, line.split(' '), { ...CONTEXT, ...context });

describe('a plan puts each framework on loopback, below its path, for the public origin', () => {
  test('streamlit, through its environment', () => {
    const { argv, env, readyPath, notes } = plan('streamlit', 'uv run streamlit run app.py -- --port 9');
    expect(argv.join(' ')).toBe('uv run streamlit run app.py -- --port 9');
    expect(env).toMatchObject({
      STREAMLIT_SERVER_PORT: '4321',
      STREAMLIT_SERVER_ADDRESS: '127.0.0.1',
      STREAMLIT_SERVER_BASE_URL_PATH: 'sales',
      STREAMLIT_SERVER_HEADLESS: 'true',
      STREAMLIT_SERVER_ENABLE_XSRF_PROTECTION: 'true',
      STREAMLIT_SERVER_CORS_ALLOWED_ORIGINS: 'https://apps.example.com:8443',
    });
    const mapping = JSON.parse(env['STREAMLIT_SERVER_TRUSTED_USER_HEADERS'] ?? '');
    expect(mapping['X-Forwarded-Email']).toBe('email');
    expect(Object.values(mapping)).toContain('is_logged_in');
    expect(readyPath).toBe('/sales/_stcore/health');
    expect(notes).toEqual([]);
  });

  test('streamlit hears the pages that may show it, else its own, and never those of its makers’ cloud', () => {
    const embedders = ['https://shop.example.com', 'https://portal.example.org'];
    const line = 'streamlit run a.py --client.allowedOrigins https://elsewhere.example.net';
    const { argv, env } = plan('streamlit', line, { embedders });
    expect(env['STREAMLIT_CLIENT_ALLOWED_ORIGINS']).toBe(embedders.join(' '));
    expect(argv.join(' ')).toBe('streamlit run a.py');
    expect(plan('streamlit', 'streamlit run a.py').env['STREAMLIT_CLIENT_ALLOWED_ORIGINS']).toBe(
      'https://apps.example.com:8443',
    );
  });

  test.each(['panel', 'bokeh'] as const)('%s, with signed sessions and few headers', (type) => {
    const { argv, env, readyPath } = plan(type, `${type} serve app.py --args --port 7`);
    expect(argv.slice(0, 2)).toEqual([type, 'serve']);
    expect(argv.slice(-4)).toEqual(['app.py', '--args', '--port', '7']);
    expect(argv.join(' ')).toContain('--use-xheaders --address 127.0.0.1 --port 4321 --prefix /sales app.py');
    expect(argv).toContain('X-Forwarded-Email');
    expect(argv).not.toContain('Portico-Assertion');
    expect(env).toMatchObject({
      BOKEH_SIGN_SESSIONS: 'yes',
      BOKEH_SECRET_KEY: CONTEXT.signingSecret,
      BOKEH_ALLOW_WS_ORIGIN: 'apps.example.com:8443',
    });
    expect(argv.join(' ')).not.toContain(CONTEXT.signingSecret);
    expect(readyPath).toBe('/sales/');
  });

  test('dash, through prefixes and PORT', () => {
    const { argv, env } = plan('dash', 'python app.py');
    expect(argv).toEqual(['python', 'app.py']);
    expect(env).toMatchObject({
      DASH_REQUESTS_PATHNAME_PREFIX: '/sales/',
      DASH_ROUTES_PATHNAME_PREFIX: '/sales/',
      HOST: '127.0.0.1',
      PORT: '4321',
    });
  });

  test('gradio, without a public share link', () => {
    const { env } = plan('gradio', 'python app.py');
    expect(env).toMatchObject({
      GRADIO_SERVER_NAME: '127.0.0.1',
      GRADIO_SERVER_PORT: '4321',
      GRADIO_ROOT_PATH: '/sales',
      GRADIO_SHARE: 'False',
    });
  });

  test('jupyter, voila and marimo, through flags', () => {
    expect(plan('jupyter', 'jupyter lab --collaborative').argv.join(' ')).toBe(
      'jupyter lab --no-browser --ServerApp.ip=127.0.0.1 --ServerApp.port=4321 --ServerApp.base_url=/sales/ --ServerApp.port_retries=0 ' +
        '--IdentityProvider.token= --ServerApp.allow_origin=https://apps.example.com:8443 --ServerApp.allow_remote_access=True ' +
        '--ServerApp.trust_xheaders=True --collaborative',
    );
    expect(plan('voila', 'voila a.ipynb').argv).toContain('--Voila.base_url=/sales/');
    expect(plan('marimo', 'marimo run n.py').argv.join(' ')).toBe(
      'marimo run --headless --no-token --allow-origins https://apps.example.com:8443 --host 127.0.0.1 --port 4321 ' +
        '--base-url /sales --proxy apps.example.com:8443 n.py',
    );
  });

  test('shiny, which has no base path, on a host of its own only', () => {
    expect(plan('shiny', 'shiny run app.py', { basePath: '/' }).argv.join(' ')).toBe(
      'shiny run --host 127.0.0.1 --port 4321 app.py',
    );
    expect(() => plan('shiny', 'shiny run app.py')).toThrow(
      expect.objectContaining({ code: 'base_path_unsupported' }),
    );
  });

  test('at the root of a host no prefix is set', () => {
    expect(plan('bokeh', 'bokeh serve app', { basePath: '/' }).argv).not.toContain('--prefix');
    expect(
      plan('streamlit', 'streamlit run a.py', { basePath: '/' }).env['STREAMLIT_SERVER_BASE_URL_PATH'],
    ).toBe('');
    expect(plan('dash', 'python a.py', { basePath: '/' }).env['DASH_ROUTES_PATHNAME_PREFIX']).toBe('/');
    expect(plan('gradio', 'python a.py', { basePath: '/' }).env['GRADIO_ROOT_PATH']).toBe('');
  });
});

describe('flags that would open the app to the network are replaced, and said', () => {
  test.each<[AppType, string, string]>([
    ['streamlit', 'streamlit run a.py --server.address 0.0.0.0', '0.0.0.0'],
    ['streamlit', 'streamlit run a.py --server.port=8501', '8501'],
    ['panel', 'panel serve a.py --address 0.0.0.0', '0.0.0.0'],
    ['bokeh', 'bokeh serve a.py --port=5006', '5006'],
    ['bokeh', 'bokeh serve a.py --session-ids unsigned', 'unsigned'],
    ['jupyter', 'jupyter lab --ServerApp.ip=0.0.0.0', '0.0.0.0'],
    ['marimo', 'marimo run a.py --host 0.0.0.0', '0.0.0.0'],
    ['dash', 'gunicorn -b 0.0.0.0:80 app:server', '0.0.0.0:80'],
    ['command', 'uvicorn main:app --host 0.0.0.0', '0.0.0.0'],
  ])('%s: %s', (type, line, gone) => {
    const { argv, notes } = plan(type, line);
    expect(argv.join(' ')).not.toContain(gone);
    expect(notes.join(' ')).toContain(gone);
  });

  test("the script's own arguments are left alone", () => {
    const { argv, notes } = plan('streamlit', 'streamlit run a.py -- --server.port 1');
    expect(argv.slice(-2)).toEqual(['--server.port', '1']);
    expect(notes).toEqual([]);
  });

  test("other websocket origins are dropped: only the gateway's own page may connect", () => {
    expect(plan('bokeh', 'bokeh serve a.py --allow-websocket-origin=*').argv.join(' ')).not.toContain('=*');
  });

  test('an own header list is kept, with the assertion out of it and the binding in it', () => {
    const included = plan(
      'bokeh',
      'bokeh serve --include-headers X-A Portico-Assertion --num-procs 1 a.py',
    ).argv;
    expect(included.filter((word) => word === '--include-headers')).toHaveLength(1);
    expect(included.join(' ')).toContain('--include-headers Portico-Binding X-A ');
    expect(included).not.toContain('Portico-Assertion');
    expect(included.join(' ')).toContain('--num-procs 1 a.py');
    const excluded = plan(
      'bokeh',
      'bokeh serve --exclude-headers X-A Portico-Binding --num-procs 1 a.py',
    ).argv;
    expect(excluded.join(' ')).toContain('--exclude-headers Portico-Assertion X-A ');
    expect(excluded).not.toContain('Portico-Binding');
    expect(excluded).not.toContain('--include-headers');
    const inline = plan('panel', 'panel serve a.py --include-headers=X-A').argv.join(' ');
    expect(inline).toContain('--include-headers Portico-Binding X-A ');
    expect(inline).not.toContain('--include-headers=');
  });
});

describe('any command', () => {
  test('has its placeholders filled in and is told where it stands', () => {
    const { argv, env } = plan('command', 'serve --listen {port} --root={base_path} {public_url}');
    expect(argv.join(' ')).toBe('serve --listen 4321 --root=/sales https://apps.example.com:8443/sales');
    expect(env).toMatchObject({
      PORT: '4321',
      HOST: '127.0.0.1',
      PORTICO_BASE_PATH: '/sales',
      PORTICO_AUDIENCE: 'sales',
      PORTICO_ISSUER: 'https://portico.example.com:8443',
      PORTICO_URL: 'http://127.0.0.1:5000',
      PORTICO_JWKS_URL: 'http://127.0.0.1:5000/.auth/jwks.json',
      PORTICO_APP_SECRET: CONTEXT.credential,
    });
  });

  test('may begin with assignments, as in a shell', () => {
    expect(plan('command', 'A=1 serve').argv).toEqual(['env', 'A=1', 'serve']);
  });
});
