import { z } from 'zod';
import { parseAllowEntry } from '../policy/allow.ts';
import { compilePattern } from '../policy/pattern.ts';
import { file, isProblem, text } from './fields.ts';
import { APP_TYPES } from './flags.ts';
import { readAt, readCommand, readHost, readUpstream } from './readers.ts';

const allow = z
  .array(text(parseAllowEntry))
  .describe(
    'Who may enter: everyone, role:NAME, group:NAME, email:ADDRESS, email:*@DOMAIN, domain:DOMAIN. An empty list admits nobody.',
  )
  .meta({ examples: [['role:analyst', 'email:*@example.com']] });

export const ruleSchema = z.strictObject({
  path: text((value) => {
    const pattern = compilePattern(value);
    return isProblem(pattern) ? pattern : value;
  })
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
