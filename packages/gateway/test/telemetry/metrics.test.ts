import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { render } from '../../src/telemetry/exposition.ts';
import { DURATION_BUCKETS, Metrics } from '../../src/telemetry/metrics.ts';

let metrics: Metrics;
beforeEach(() => {
  metrics = new Metrics('1.2.3');
});

async function value(sample: string): Promise<number | undefined> {
  const line = (await metrics.render()).split('\n').find((candidate) => candidate.startsWith(`${sample} `));
  return line === undefined ? undefined : Number(line.slice(sample.length + 1));
}

describe('metrics', () => {
  test('count requests by app and class of status', async () => {
    const sales = metrics.app('sales');
    sales.request(200, 0.01);
    sales.request(204, 0.01);
    sales.request(502, 0.01);
    metrics.app('hr').request(403, 0.01);
    expect(await value('portico_requests_total{app="sales",status="2xx"}')).toBe(2);
    expect(await value('portico_requests_total{app="sales",status="5xx"}')).toBe(1);
    expect(await value('portico_requests_total{app="hr",status="4xx"}')).toBe(1);
    expect(metrics.app('sales')).toBe(sales);
  });

  test('put every duration into its bucket, and buckets only grow', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.double({ min: 0, max: 30, noNaN: true })), async (durations) => {
        metrics = new Metrics('1.2.3');
        for (const seconds of durations) metrics.app('a').request(200, seconds);
        metrics.app('a');
        for (const end of DURATION_BUCKETS) {
          const expected = durations.filter((seconds) => seconds <= end).length;
          expect(await value(`portico_request_duration_seconds_bucket{app="a",le="${end}"}`)).toBe(expected);
        }
        const all = await value('portico_request_duration_seconds_bucket{app="a",le="+Inf"}');
        expect(all).toBe(durations.length);
        expect(await value('portico_request_duration_seconds_count{app="a"}')).toBe(all);
      }),
      { numRuns: 20 },
    );
  });

  test('know how many sockets are open, and how much went through', async () => {
    const sales = metrics.app('sales');
    sales.socketOpened();
    sales.socketOpened();
    sales.socketClosed();
    sales.bytesIn += 10;
    sales.bytesOut += 2000;
    sales.denials++;
    expect(await value('portico_sockets_open{app="sales"}')).toBe(1);
    expect(await value('portico_sockets_opened_total{app="sales"}')).toBe(2);
    expect(await value('portico_received_bytes_total{app="sales"}')).toBe(10);
    expect(await value('portico_sent_bytes_total{app="sales"}')).toBe(2000);
    expect(await value('portico_denials_total{app="sales"}')).toBe(1);
  });

  test('count sign-ins and ended sessions, and read gauges when asked', async () => {
    metrics.signIn('entra', 'success');
    metrics.signIn('entra', 'success');
    metrics.signIn('entra', 'failure');
    metrics.sessionEnded('idle');
    let live = 3;
    metrics.gauge('portico_sessions_live', 'Sessions in memory.', () => live);
    expect(await value('portico_sign_ins_total{provider="entra",result="success"}')).toBe(2);
    expect(await value('portico_sign_ins_total{provider="entra",result="failure"}')).toBe(1);
    expect(await value('portico_sessions_ended_total{reason="idle"}')).toBe(1);
    expect(await value('portico_sessions_live')).toBe(3);
    live = 4;
    expect(await value('portico_sessions_live')).toBe(4);
    expect(await value('portico_build_info{version="1.2.3"}')).toBe(1);
  });

  test('include those of the process', async () => {
    expect(await value('process_resident_memory_bytes')).toBeGreaterThan(0);
  });

  test('are all described in the documentation', async () => {
    const docs = await readFile(new URL('../../../../docs/metrics.md', import.meta.url), 'utf8');
    const names = [...(await metrics.render()).matchAll(/^# TYPE (portico_\w+)/gm)].map((match) => match[1]);
    expect(names.length).toBeGreaterThan(5);
    for (const name of names) expect(docs).toContain(`\`${name}\``);
  });

  test('no label breaks out of its quotes', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('"', '\\', '\n', 'n', 'a') }), (label) => {
        const text = render([
          { name: 'm', help: 'h', type: 'gauge', samples: [{ labels: { l: label }, value: 1 }] },
        ]);
        const [, , sample = ''] = text.split('\n');
        expect(text.split('\n').length).toBe(4);
        const quoted = /^m\{l="((?:[^"\\]|\\["\\n])*)"\} 1$/.exec(sample)?.[1];
        expect(quoted?.replace(/\\(.)/g, (_, letter) => (letter === 'n' ? '\n' : letter))).toBe(label);
      }),
    );
  });
});
