import { expect, it } from 'vitest';
import { startGateway } from '../../../../test/gateway-process.ts';

const APP = `
console.log('environment ' + JSON.stringify(process.env) + ' end');
require('node:http').createServer((request, response) => response.end('ok')).listen(process.env.PORT, '127.0.0.1');`;

it('an app inherits none of the variables that the configuration takes its secrets from', async () => {
  const config = JSON.stringify({
    dev: true,
    secret: '$' + '{SEALING}',
    providers: {
      corp: {
        type: 'oidc',
        issuer: 'https://id.example.com',
        client_id: 'x',
        client_secret: '$' + '{CLIENT}',
      },
    },
    apps: { one: { run: [process.execPath, '-e', APP] } },
  });
  const gateway = await startGateway({
    config,
    env: {
      SEALING: 'canary-sealing-Zk3vJq8sWm1xTn5bYc7rLd2f',
      CLIENT: 'canary-client',
      PANEL_OAUTH_SECRET: 'canary-panel',
      PORTICO_OAUTH_KEY: 'canary-key',
      PLAIN: 'passed on',
    },
  });
  try {
    const line = await gateway.line(/environment .* end/);
    expect(line).toContain('passed on');
    expect(line).not.toContain('canary');
    expect(line).not.toContain('SEALING');
  } finally {
    await gateway.stop();
  }
});
