import { z } from 'zod';
import { parseAllowEntry } from '../policy/allow.ts';
import { compilePattern } from '../policy/pattern.ts';
import { embeddingKeys } from './bearer-schema.ts';
import { file, isProblem, text } from './fields.ts';
import { readAt, readCommand, readHost, readUpstream } from './readers.ts';
import { APP_TYPES, HEADER_PROFILES } from './settings.ts';

const entries = z.array(text(parseAllowEntry));

const allow = entries
  .describe(
    'Who may enter: everyone, role:NAME, group:NAME, email:ADDRESS, email:*@DOMAIN, domain:DOMAIN, claim:NAME=VALUE. An empty list admits nobody.',
  )
  .meta({ examples: [['role:analyst', 'email:*@example.com']] });

export const rolesSchema = z
  .record(z.string(), entries)
  .describe(
    'Roles that people have beside those of their provider: each with who has it, as in an allow list; role:NAME builds on another role.',
  )
  .meta({ examples: [{ analyst: ['group:finance', 'claim:department=R&D'], viewer: ['role:analyst'] }] });

function readPattern(value: string) {
  const pattern = compilePattern(value);
  return isProblem(pattern) ? pattern : value;
}

export const ruleSchema = z.strictObject({
  path: text(readPattern)
    .describe('Path below the app: /exact, /x/* for one segment, /admin/** for all below. Case-sensitive.')
    .meta({ examples: ['/admin/**'] }),
  allow: allow.optional(),
  public: z
    .literal(true)
    .optional()
    .describe('Everybody may see these paths, signed in or not.')
    .meta({ examples: [true] }),
});

export const appSchema = z.strictObject({
  at: text(readAt)
    .optional()
    .describe('Path of the app. Default: / and the app’s name.')
    .meta({ examples: ['/sales'] }),
  host: text(readHost)
    .optional()
    .describe('Host name of the app’s own, instead of a path.')
    .meta({ examples: ['sales.example.com'] }),
  run: z
    .union([text(readCommand), z.array(z.string()).min(1)])
    .optional()
    .describe('Command that starts the app, as text or as a list of words.')
    .meta({ examples: ['streamlit run sales.py'] }),
  upstream: text(readUpstream)
    .optional()
    .describe('Where the app already runs.')
    .meta({ examples: ['http://127.0.0.1:8501'] }),
  type: z
    .enum(APP_TYPES)
    .optional()
    .describe('Framework, when the command does not show it.')
    .meta({ examples: ['streamlit'] }),
  title: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .describe('Name for people.')
    .meta({ examples: ['Sales'] }),
  description: z
    .string()
    .max(500)
    .optional()
    .describe('One sentence for the launcher.')
    .meta({ examples: ['Last quarter, by region'] }),
  allow: allow.optional(),
  rules: z
    .array(ruleSchema)
    .optional()
    .describe('Exceptions for some paths; the first that matches decides.')
    .meta({ examples: [[{ path: '/admin/**', allow: ['role:admin'] }]] }),
  guests: z
    .boolean()
    .optional()
    .describe('Who is not signed in may enter as nobody. Rules still count. Default: false.')
    .meta({ examples: [true] }),
  guest_endpoints: z
    .array(text(readPattern))
    .optional()
    .describe('Paths below the app that everybody may see, signed in or not; for Panel with what they load.')
    .meta({ examples: [['/welcome']] }),
  authorize: file()
    .optional()
    .describe('Module whose function has the last word on who may enter, in place of the one for all apps.')
    .meta({ examples: ['./authorize.ts'] }),
  credential: z
    .string()
    .min(1)
    .optional()
    .describe(
      'What an app that runs elsewhere proves itself with at /.auth/token; at least 32 characters, the same as its PORTICO_APP_SECRET.',
    )
    .meta({ examples: [`\${SALES_APP_SECRET}`] }),
  credential_file: file()
    .optional()
    .describe('File that holds the credential.')
    .meta({ examples: ['/run/secrets/sales'] }),
  profiles: z
    .array(z.enum(HEADER_PROFILES))
    .optional()
    .describe('Headers of other gateways that the app reads. Default: shiny for Shiny, else none.')
    .meta({ examples: [['easyauth']] }),
  token_headers: z
    .boolean()
    .optional()
    .describe('Put the provider’s tokens into the headers of easyauth and oauth2-proxy. Default: false.')
    .meta({ examples: [true] }),
  ...embeddingKeys,
  cwd: file()
    .optional()
    .describe('Working directory of the command. Default: the folder of portico.yaml.')
    .meta({ examples: ['./sales'] }),
  env: z
    .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/), z.string())
    .optional()
    .describe('Environment variables for the command.')
    .meta({ examples: [{ REGION: 'north' }] }),
});
