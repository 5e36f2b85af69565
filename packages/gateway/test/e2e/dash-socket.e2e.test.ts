import { delimiter, join } from 'node:path';
import { expect, test } from 'vitest';
import { launchBrowser, newPage } from '../../../../test/browser.ts';
import { startGateway } from '../../../../test/gateway-process.ts';
import { describeWith } from '../../../../test/support/requires.ts';
import { ensurePython } from '../../src/demo/python.ts';
import { DEMO_PERSONAS } from '../../src/demo/settings.ts';
import { appsReady } from './support/demo.ts';
import { signIn } from './support/people.ts';

describeWith('browser', 'python')('a Dash app whose callbacks come over a WebSocket', () => {
  test('knows who is there though Dash tells it no headers, and asks an API with one token after another', async ({
    onTestFinished,
  }) => {
    const python = await ensurePython({ frameworks: ['dash'], tests: true, quiet: true });
    const PATH = python + delimiter + (process.env['PATH'] ?? '');
    const config = JSON.stringify({
      dev: { personas: DEMO_PERSONAS, token_lifetime: '3s' },
      apps: {
        // Dash on FastAPI wants to be started where its file lies.
        board: {
          at: '/board',
          run: 'python dash_socket_app.py',
          type: 'dash',
          cwd: join(import.meta.dirname, 'support'),
          env: { PATH, PYTHONDONTWRITEBYTECODE: '1' },
          allow: ['everyone'],
        },
      },
    });
    const gateway = await startGateway({ config });
    onTestFinished(async () => {
      await gateway.stop();
    });
    await appsReady(gateway, ['board']);
    const browser = await launchBrowser();
    onTestFinished(() => browser.close());
    const { page } = await newPage(browser);

    await signIn(page, `${gateway.url}/board/`, 'ana');
    const who = 'ana@example.com analyst, viewer, ana@example.com, without headers, token ';
    const tokens = new Set<string>();
    const ask = async (): Promise<number> => {
      await page.getByRole('button', { name: 'Look' }).click();
      await page.getByText(`coroutine: ${who}`).waitFor();
      const text = await page.getByText(`callback: ${who}`).innerText();
      return tokens.add(text.split('token ')[1] ?? '').size;
    };
    await expect.poll(ask, { timeout: 60_000, interval: 500 }).toBe(4);
  });
});
