import { z } from 'zod';
import { apiSchema } from './api-schema.ts';
import { appSchema, rolesSchema } from './app-schema.ts';
import { bearerSchema } from './bearer-schema.ts';
import { brandingSchema } from './branding.ts';
import { duration, file, HOUR, names, number, text } from './fields.ts';
import { providerSchema } from './provider-schema.ts';
import { readCidr, readPublicUrl } from './readers.ts';

export const personaSchema = z.strictObject({
  id: z
    .string()
    .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/)
    .optional()
    .describe('Subject of this person. Default: made of the name.')
    .meta({ examples: ['ada'] }),
  name: z
    .string()
    .min(1)
    .max(100)
    .describe('Full name.')
    .meta({ examples: ['Ada Admin'] }),
  email: z
    .email()
    .describe('E-mail address.')
    .meta({ examples: ['ada@example.com'] }),
  description: z
    .string()
    .max(200)
    .optional()
    .describe('What this person shows.')
    .meta({ examples: ['May do everything'] }),
  roles: names()
    .optional()
    .describe('Roles.')
    .meta({ examples: [['admin']] }),
  groups: names()
    .optional()
    .describe('Groups.')
    .meta({ examples: [['it']] }),
  claims: z
    .record(z.string().min(1), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]))
    .optional()
    .describe('What a provider would tell besides.')
    .meta({ examples: [{ department: 'Finance' }] }),
});

export const devSchema = z.strictObject({
  personas: z
    .array(personaSchema)
    .min(1)
    .optional()
    .describe('The people to sign in as.')
    .meta({ examples: [[{ name: 'Ada Admin', email: 'ada@example.com', roles: ['admin'] }]] }),
  token_lifetime: duration(1_000, 24 * HOUR, '1s and 24h')
    .optional()
    .describe('How long its tokens live; short ones show how an app gets on with it. Default: 1h.')
    .meta({ examples: ['10s'] }),
});

export const tlsSchema = z.strictObject({
  cert: file()
    .describe('Certificate chain, PEM.')
    .meta({ examples: ['./cert.pem'] }),
  key: file()
    .describe('Private key, PEM.')
    .meta({ examples: ['./key.pem'] }),
});

export const sessionSchema = z.strictObject({
  lifetime: duration(60_000, 400 * 24 * HOUR, '1m and 400d')
    .optional()
    .describe('After this, people sign in again. Default: 7d.')
    .meta({ examples: ['7d'] }),
  idle: duration(60_000, 400 * 24 * HOUR, '1m and 400d')
    .optional()
    .describe('After this without a request or message, people sign in again. Default: 12h.')
    .meta({ examples: ['12h'] }),
  refresh: z
    .boolean()
    .optional()
    .describe('Renew tokens ahead of their end; also when roles or access change. Default: true.')
    .meta({ examples: [false] }),
});

export const logSchema = z.strictObject({
  level: z
    .enum(['debug', 'info', 'warn', 'error'])
    .optional()
    .describe('Default: info.')
    .meta({ examples: ['info'] }),
  format: z
    .enum(['pretty', 'json'])
    .optional()
    .describe('Default: pretty in a terminal, else json.')
    .meta({ examples: ['json'] }),
});

/** The top of portico.yaml. */
export const fileSchema = z.strictObject({
  public_url: text(readPublicUrl)
    .optional()
    .describe('Address that people type. Default: http://localhost:PORT.')
    .meta({ examples: ['https://apps.example.com'] }),
  address: z
    .string()
    .min(1)
    .optional()
    .describe('Address to listen on. Default: 127.0.0.1.')
    .meta({ examples: ['0.0.0.0'] }),
  port: number(1, 65_535)
    .optional()
    .describe('Port to listen on. Default: 8000.')
    .meta({ examples: [8000] }),
  tls: tlsSchema
    .optional()
    .describe('Answer https with this certificate.')
    .meta({ examples: [{ cert: './cert.pem', key: './key.pem' }] }),
  secret: z
    .union([z.string(), z.array(z.string()).min(1)])
    .optional()
    .describe(
      'Seals the sessions. Of a list the first seals and all open: that is how a secret changes. Default: generated.',
    )
    .meta({ examples: [`\${PORTICO_SECRET}`] }),
  secret_file: file()
    .optional()
    .describe('File that holds the secret, or several, one a line.')
    .meta({ examples: ['/run/secrets/portico'] }),
  store: z
    .string()
    .min(1)
    .optional()
    .describe('memory: or sqlite:FILE. Default: sqlite:.portico/portico.db.')
    .meta({ examples: ['sqlite:./portico.db'] }),
  session: sessionSchema
    .optional()
    .describe('How long sessions live.')
    .meta({ examples: [{ lifetime: '7d', idle: '12h' }] }),
  providers: z
    .record(z.string(), providerSchema)
    .optional()
    .describe('Identity providers, by a short name.')
    .meta({
      examples: [{ company: { type: 'oidc', issuer: 'https://login.example.com', client_id: 'portico' } }],
    }),
  dev: z
    .union([z.boolean(), devSchema])
    .optional()
    .describe('The identity provider built in, with made-up people; on this machine only.')
    .meta({ examples: [true] }),
  bearer: z
    .record(z.string(), bearerSchema)
    .optional()
    .describe('Issuers whose tokens apps take in place of a session, by a short name.')
    .meta({
      examples: [{ shop: { issuer: 'https://shop.eu.auth0.com/', audience: 'https://apps.example.com' } }],
    }),
  apps: z
    .record(z.string(), appSchema)
    .optional()
    .describe('Apps, by a short name.')
    .meta({ examples: [{ sales: { run: 'streamlit run sales.py' } }] }),
  roles: rolesSchema.optional(),
  apis: z
    .record(z.string(), apiSchema)
    .optional()
    .describe('APIs that apps call as the signed-in person, by a short name.')
    .meta({
      examples: [
        { graph: { url: 'https://graph.microsoft.com/v1.0', scopes: ['User.Read'], apps: ['sales'] } },
      ],
    }),
  tokens_in_me: z
    .boolean()
    .optional()
    .describe('Let /.auth/me tell browsers the provider’s tokens, as App Service does. Default: false.')
    .meta({ examples: [true] }),
  branding: brandingSchema
    .optional()
    .describe('Name, logo, colours and texts of the pages.')
    .meta({ examples: [{ name: 'Example Inc.', logo: './logo.svg' }] }),
  authorize: file()
    .optional()
    .describe('Module whose function has the last word on who may enter, for every app without its own.')
    .meta({ examples: ['./authorize.ts'] }),
  trusted_proxies: z
    .array(text(readCidr))
    .optional()
    .describe('Peers whose X-Forwarded-For is believed. Default: none.')
    .meta({ examples: [['10.0.0.0/8']] }),
  log: logSchema
    .optional()
    .describe('What is logged, and how.')
    .meta({ examples: [{ level: 'info', format: 'json' }] }),
  drain: number(0, 600)
    .optional()
    .describe('Seconds that requests and sockets get to end after SIGTERM. Default: 10.')
    .meta({ examples: [10] }),
});

/** JSON Schema (draft 2020-12) of portico.yaml, for editors, hints and docs. */
export function jsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(fileSchema, {
    io: 'input',
    // zod drops the examples of what is transformed, taking them for results; ours are what people write.
    override: ({ zodSchema, jsonSchema }) => {
      const examples = z.globalRegistry.get(zodSchema)?.['examples'];
      if (Array.isArray(examples)) jsonSchema.examples = examples;
    },
  });
  return { ...schema, title: 'portico.yaml', description: 'Configuration of Portico.' };
}
