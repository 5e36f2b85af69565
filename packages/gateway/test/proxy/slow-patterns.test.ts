import type { IncomingMessage } from 'node:http';
import { describe, expect, test } from 'vitest';
import { headForApp } from '../../src/delegation/call-headers.ts';
import { takesInsertion } from '../../src/proxy/answer-rules.ts';
import type { AppResponseHead } from '../../src/proxy/response-head.ts';

const SPACES = ' '.repeat(200_000);

/** With a pattern that tries every length twice, each of these is half a minute in which the gateway answers nobody. */
describe('a long run of spaces costs no more than its length', () => {
  test('in the content type of an app', () => {
    const head = { status: 200, headers: ['Content-Type', `text/html;charset=${SPACES}x`] };
    expect(takesInsertion(head as Partial<AppResponseHead> as AppResponseHead)).toBe(true);
  });

  test('in the Connection header of an API', () => {
    const connection = `a${SPACES}b, x-hop`;
    const response = {
      statusCode: 200,
      statusMessage: 'OK',
      headers: { connection },
      rawHeaders: ['Connection', connection, 'X-Hop', '1', 'X-Kept', '2'],
    } as Partial<IncomingMessage> as IncomingMessage;
    expect(headForApp(response, 'GET', (value) => value).headers).toEqual(['X-Kept', '2']);
  });
});
