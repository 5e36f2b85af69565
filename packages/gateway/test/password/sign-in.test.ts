import { request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { stopAll } from '../gate/gateway.ts';
import { cleanUp, fileOf, HTPASSWD, passwordGateway, provider } from './gateway.ts';

afterEach(async () => {
  await stopAll();
  cleanUp();
});

const PAGE = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document', 'sec-fetch-site': 'same-origin' };

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

function ask(
  origin: string,
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const url = new URL(path, origin);
    const asked = request(
      {
        host: '127.0.0.1',
        port: url.port,
        path,
        method: options.method ?? 'GET',
        headers: { host: url.host, ...PAGE, ...options.headers },
      },
      (response) => {
        let body = '';
        response.on('data', (chunk) => (body += chunk));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        );
      },
    );
    asked.on('error', reject);
    asked.end(options.body);
  });
}

function post(
  origin: string,
  fields: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return ask(origin, '/.auth/login/team', {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', origin, ...headers },
    body: new URLSearchParams(fields).toString(),
  });
}

const cookieOf = (answer: Answer): string => String(answer.headers['set-cookie']).split(';')[0] ?? '';
const JSON_USERS = '{"ada": {"password": "pencil", "roles": ["admin"]}, "ben": "eraser"}';
const started = (
  settings: Parameters<typeof provider>[0] = { usersFile: fileOf('users.json', JSON_USERS) },
) => passwordGateway({ providers: [provider(settings)] });

describe('sign-in with a password', () => {
  it('is the page that an app asked for without a session leads to, and leads back to it', async () => {
    const { origin } = await started();
    const first = await ask(origin, '/report?q=1');
    expect(first.status).toBe(302);
    const form = await ask(origin, String(first.headers['location']));
    expect(form.status).toBe(200);
    expect(form.body).toContain('<input type="hidden" name="return_to" value="/report?q=1">');
    expect(form.body).toContain('autocomplete="username"');
    expect(form.body).toContain('autocomplete="current-password"');
    expect(form.body).not.toContain('Other ways');

    const signedIn = await post(origin, { username: 'ada', password: 'pencil', return_to: '/report?q=1' });
    expect([signedIn.status, signedIn.headers['location']]).toEqual([303, '/report?q=1']);
    const page = await ask(origin, '/report?q=1', { headers: { cookie: cookieOf(signedIn) } });
    expect(page.body).toContain('"sub":"ada"');
    expect(page.body).toContain('"roles":["admin"]');
  });

  it('works with a file of htpasswd', async () => {
    const { origin } = await started({ usersFile: fileOf('htpasswd', HTPASSWD) });
    expect((await post(origin, { username: 'ben', password: 'x', return_to: '/' })).status).toBe(303);
    expect((await post(origin, { username: 'ben', password: 'y', return_to: '/' })).status).toBe(401);
  });

  it('shows the same page again after a mistake: the name kept, the password not, nothing told', async () => {
    const { origin, log } = await started();
    const wrong = await post(origin, { username: 'ada', password: 'canary-wrong', return_to: '/report' });
    const unknown = await post(origin, { username: 'adam', password: 'canary-wrong', return_to: '/report' });
    expect([wrong.status, unknown.status]).toEqual([401, 401]);
    expect(wrong.headers['set-cookie']).toBeUndefined();
    expect(wrong.body).toContain('value="ada"');
    expect(wrong.body).toContain('value="/report"');
    expect(wrong.body).toContain('role="alert"');
    expect(wrong.body).toMatch(/name="password"[^>]*autofocus/);
    expect(wrong.body.replaceAll('ada', '')).toBe(unknown.body.replaceAll('adam', ''));
    expect(wrong.body + log.join('')).not.toContain('canary-wrong');
    expect(log.join('')).toContain('wrong_password');
    expect(log.join('')).not.toContain('adam');
  });

  it('answers too many mistakes with 429 and the time to wait, for the right password as well', async () => {
    const { origin } = await started();
    const statuses: number[] = [];
    for (let i = 0; i < 7; i++)
      statuses.push((await post(origin, { username: 'ada', password: `no-${i}` })).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 401, 429]);
    const early = await post(origin, { username: 'ada', password: 'pencil' });
    expect([early.status, early.headers['retry-after']]).toEqual([429, '1']);
    expect(early.body).toContain('Wait a second');
    expect((await post(origin, { username: 'ben', password: 'eraser' })).status).toBe(303);
  });

  it('takes no form that another site sent, and does not even read it', async () => {
    const { origin, log } = await started();
    const right = { username: 'ada', password: 'pencil', return_to: '/' };
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: 'null' },
      { origin: origin.replace('localhost', 'localhost.evil.example') },
    ]) {
      const answer = await post(origin, right, headers);
      expect([answer.status, answer.headers['set-cookie']]).toEqual([403, undefined]);
    }
    const bare = await ask(origin, '/.auth/login/team', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-site' },
      body: new URLSearchParams(right).toString(),
    });
    expect(bare.status).toBe(403);
    expect(log.join('')).toContain('cross_site_sign_in');
    expect(log.join('')).not.toContain('"event":"sign_in"');
  });

  it('leads to no other site afterwards', async () => {
    const { origin } = await started();
    for (const target of ['https://evil.example/', '//evil.example', '/\\evil.example', '/.auth/login', '']) {
      const answer = await post(origin, { username: 'ben', password: 'eraser', return_to: target });
      expect([answer.status, answer.headers['location']], target).toEqual([303, '/']);
    }
  });

  it('gives a new session every time, and ends the one that was there', async () => {
    const { origin } = await started();
    const first = cookieOf(await post(origin, { username: 'ada', password: 'pencil' }));
    const second = cookieOf(await post(origin, { username: 'ben', password: 'eraser' }, { cookie: first }));
    expect(second).not.toBe(first);
    expect((await ask(origin, '/.auth/session', { headers: { cookie: first } })).status).toBe(401);
    const who = await ask(origin, '/.auth/session', { headers: { cookie: second } });
    expect(JSON.parse(who.body)).toMatchObject({ user: 'ben', provider: 'team' });
  });

  it('reads only forms, and only small ones', async () => {
    const { origin } = await started();
    const path = '/.auth/login/team';
    const json = await ask(origin, path, {
      method: 'POST',
      headers: { origin, 'content-type': 'application/json' },
      body: '{}',
    });
    expect(json.status).toBe(415);
    expect((await post(origin, { username: 'ada', password: 'x'.repeat(9000) })).status).toBe(413);
    const chunked = await ask(origin, path, {
      method: 'POST',
      headers: {
        origin,
        'content-type': 'application/x-www-form-urlencoded',
        'transfer-encoding': 'chunked',
      },
      body: 'x'.repeat(9000),
    });
    expect(chunked.status).toBe(413);
    expect((await post(origin, { username: 'ada', password: 'pencil' })).status).toBe(303);
  });

  it('holds nothing of a client that leaves in the middle of its form', async () => {
    const { origin, log } = await started();
    const { port, host } = new URL(origin);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(
      `POST /.auth/login/team HTTP/1.1\r\nHost: ${host}\r\nOrigin: ${origin}\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 100\r\n\r\nusername=ada`,
      () => socket.resetAndDestroy(),
    );
    await expect.poll(() => log.join('')).toContain('client_gone');
  });

  it('never opens in a frame', async () => {
    const { origin } = await started();
    const framed = await ask(origin, '/.auth/login', { headers: { 'sec-fetch-dest': 'iframe' } });
    expect(framed.body).toContain('target="_blank"');
    expect(framed.body).not.toContain('type="password"');
    const form = await ask(origin, '/.auth/login');
    expect(form.headers['content-security-policy']).toContain("frame-ancestors 'none'");
  });

  it('begins on the canonical host, where its cookie will be', async () => {
    const { origin } = await started();
    const other = await ask(origin, '/.auth/login?return_to=%2Fx', {
      headers: { host: origin.slice(7).replace('localhost', '127.0.0.1') },
    });
    expect([other.status, other.headers['location']]).toEqual([302, `${origin}/.auth/login?return_to=%2Fx`]);
  });

  it('is one entry of the chooser beside others', async () => {
    const { origin } = await passwordGateway({
      providers: [
        provider({ usersFile: fileOf('users.json', JSON_USERS) }),
        provider({ name: 'guests', title: 'Guests', password: 'pencil' }),
      ],
    });
    const chooser = await ask(origin, '/.auth/login?return_to=%2Freport');
    expect(chooser.body).toContain('href="/.auth/login/team?return_to=%2Freport"');
    expect(chooser.body).toContain('Guests');
    const form = await ask(origin, '/.auth/login/guests?return_to=%2Freport');
    expect(form.body).toContain('action="/.auth/login/guests"');
    expect(form.body).toContain('href="/.auth/login?return_to=%2Freport"');
  });

  it('notes what deserves attention for the start-up summary', async () => {
    const { gateway } = await started();
    expect(gateway.notes.join()).toContain('2 passwords in plain text');
  });
});
