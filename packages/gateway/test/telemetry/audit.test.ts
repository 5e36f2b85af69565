import { describe, expect, test } from 'vitest';
import { createAccessLog } from '../../src/telemetry/access.ts';
import { createAudit } from '../../src/telemetry/audit.ts';
import { createLog } from '../../src/telemetry/log.ts';

function capture(level: 'debug' | 'info' | 'error') {
  const lines: Record<string, unknown>[] = [];
  const log = createLog({ level, format: 'json' }, { write: (line) => void lines.push(JSON.parse(line)) });
  return { log, lines };
}

const asked = { requestId: 'r1', clientAddress: '192.0.2.1' };
const ada = { sid: 's1', provider: 'entra', subject: 'ada', email: 'ada@example.com' };

describe('audit', () => {
  test('has one line with a stable name for each event, at every log level', () => {
    for (const level of ['debug', 'error'] as const) {
      const { log, lines } = capture(level);
      const audit = createAudit(log);
      audit.signIn({ ...ada, ...asked, app: 'sales' });
      audit.signInFailed({ ...asked, code: 'invalid_state', provider: 'entra' });
      audit.denied({ ...ada, ...asked, app: 'sales', path: '/sales/admin', reason: 'needs role admin' });
      audit.signOut({ ...ada, ...asked });
      audit.sessionEnded({ sid: 's1', reason: 'sign-out' });
      expect(lines.map((line) => line['event'])).toEqual([
        'sign_in',
        'sign_in_failed',
        'denied',
        'sign_out',
        'session_ended',
      ]);
      expect(lines.every((line) => line['audit'] === true)).toBe(true);
    }
  });

  test('says who, from where and in which request', () => {
    const { log, lines } = capture('info');
    createAudit(log).denied({ ...ada, ...asked, app: 'sales', path: '/sales', reason: 'needs role admin' });
    expect(lines[0]).toMatchObject({
      level: 'warn',
      sid: 's1',
      provider: 'entra',
      subject: 'ada',
      email: 'ada@example.com',
      request_id: 'r1',
      client_address: '192.0.2.1',
      app: 'sales',
      path: '/sales',
      reason: 'needs role admin',
    });
  });
});

describe('access log', () => {
  const access = { requestId: 'r1', method: 'GET', path: '/sales?code=x', status: 200, milliseconds: 1.26 };

  test('is not there while the level is off', () => {
    expect(createAccessLog(capture('info').log)).toBeUndefined();
  });

  test('has a line per request, without its query', () => {
    const { log, lines } = capture('debug');
    createAccessLog(log)?.({ ...access, app: 'sales', sid: 's1' });
    const { time: _, ...line } = lines[0] ?? {};
    expect(line).toEqual({
      level: 'debug',
      app: 'sales',
      method: 'GET',
      path: '/sales',
      status: 200,
      ms: 1.3,
      sid: 's1',
      request_id: 'r1',
      msg: 'request',
    });
  });
});
