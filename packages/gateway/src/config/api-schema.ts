import { z } from 'zod';
import { names, text } from './fields.ts';
import { readApiUrl } from './readers.ts';

/** RFC 6749 section 3.3: a space would make two scopes of one. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

const GRANTS = ['session', 'refresh', 'on-behalf-of', 'exchange'] as const;

export const apiSchema = z.strictObject({
  url: text(readApiUrl)
    .describe('Base URL; nothing outside of it can be called.')
    .meta({ examples: ['https://graph.microsoft.com/v1.0'] }),
  provider: z
    .string()
    .min(1)
    .optional()
    .describe('Provider whose people it is for. Needed only where there are several.')
    .meta({ examples: ['entra'] }),
  scopes: z
    .array(z.string().regex(SCOPE))
    .optional()
    .describe('Scopes of the access token.')
    .meta({ examples: [['User.Read']] }),
  resource: z
    .string()
    .regex(SCOPE)
    .optional()
    .describe('The API’s identifier at the provider: its resource, audience or client ID.')
    .meta({ examples: ['https://api.example.com'] }),
  grant: z
    .enum(GRANTS)
    .optional()
    .describe(
      'How the token is had: session, refresh, on-behalf-of or exchange. Default: what the provider can.',
    )
    .meta({ examples: ['exchange'] }),
  apps: names()
    .min(1)
    .describe('Apps that may use it.')
    .meta({ examples: [['sales']] }),
});
