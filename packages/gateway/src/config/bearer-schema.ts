import { z } from 'zod';
import { ASYMMETRIC, SYMMETRIC } from './bearer-settings.ts';
import { file, names, text } from './fields.ts';
import { readEndpoint, readOrigin } from './readers.ts';

/** RFC 6749 section 3.3. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;
/** Printable and without spaces: it is compared byte for byte, and is written into logs. */
const IDENTIFIER = /^[\x21-\x7e]{1,300}$/;

const claim = (description: string, example: string) =>
  z
    .string()
    .min(1)
    .optional()
    .describe(description)
    .meta({ examples: [example] });

export const introspectionSchema = z.strictObject({
  url: text(readEndpoint)
    .describe('The introspection endpoint.')
    .meta({ examples: ['https://login.example.com/introspect'] }),
  client_id: z
    .string()
    .min(1)
    .describe('Client ID of this gateway at the issuer.')
    .meta({ examples: ['portico'] }),
  client_secret: z
    .string()
    .min(1)
    .optional()
    .describe('Its secret.')
    .meta({ examples: [`\${CLIENT_SECRET}`] }),
  client_secret_file: file()
    .optional()
    .describe('File that holds the secret.')
    .meta({ examples: ['/run/secrets/client'] }),
});

export const bearerSchema = z.strictObject({
  issuer: z
    .string()
    .regex(IDENTIFIER)
    .describe(
      'Issuer, exactly as in the tokens (iss). Its metadata say where its keys are, unless one of the next three does.',
    )
    .meta({ examples: ['https://shop.eu.auth0.com/'] }),
  jwks: text(readEndpoint)
    .optional()
    .describe('Address of its key set, for an issuer without metadata.')
    .meta({ examples: ['https://shop.example.com/jwks.json'] }),
  key_file: file()
    .optional()
    .describe(
      'File with the public key (PEM, JWK or key set) of a host that signs tokens itself; with HS256 a secret that both share.',
    )
    .meta({ examples: ['./shop.pem'] }),
  introspection: introspectionSchema
    .optional()
    .describe('Where to ask about tokens that are no JWTs (RFC 7662).')
    .meta({
      examples: [
        {
          url: 'https://login.example.com/introspect',
          client_id: 'portico',
          client_secret_file: '/run/secrets/client',
        },
      ],
    }),
  audience: z
    .union([z.string().regex(IDENTIFIER), z.array(z.string().regex(IDENTIFIER)).min(1)])
    .describe('What the tokens are for (aud): the name of these apps at the issuer, or several.')
    .meta({ examples: ['https://apps.example.com'] }),
  algorithms: z
    .array(z.enum([...ASYMMETRIC, ...SYMMETRIC]))
    .min(1)
    .optional()
    .describe(
      'Algorithms of signatures. Default: those of the kind of the key; HS256 has to be asked for, and only for a shared secret.',
    )
    .meta({ examples: [['RS256']] }),
  scopes: z
    .array(z.string().regex(SCOPE))
    .optional()
    .describe('Scopes that a token must have, all of them.')
    .meta({ examples: [['apps']] }),
  roles_claim: claim('Claim that lists roles; dots reach inside. Default: roles.', 'realm_access.roles'),
  groups_claim: claim('Claim that lists groups. Default: groups.', 'groups'),
  user_claim: claim('Claim that names the user to apps. Default: the subject.', 'preferred_username'),
  claims: z
    .array(z.string().min(1).max(200))
    .max(20)
    .optional()
    .describe('Further claims that apps are told and rules can name; dots reach inside. Default: none.')
    .meta({ examples: [['department']] }),
});

/** What an app says of bearer tokens and of pages around it. */
export const embeddingKeys = {
  bearer: names()
    .min(1)
    .optional()
    .describe(
      'Issuers, named in bearer, whose tokens requests and WebSockets may carry in place of a session.',
    )
    .meta({ examples: [['shop']] }),
  embed: z
    .strictObject({
      origins: z
        .array(text(readOrigin))
        .min(1)
        .describe('Origins of the pages that may show the app.')
        .meta({ examples: [['https://shop.example.com']] }),
      inline: z
        .boolean()
        .optional()
        .describe('Let those pages render the app in their own document, without an iframe. Default: false.')
        .meta({ examples: [true] }),
      script: z
        .boolean()
        .optional()
        .describe('Put the script that talks to the page around it into the app’s pages. Default: false.')
        .meta({ examples: [true] }),
    })
    .optional()
    .describe('Pages of other sites that may show the app.')
    .meta({ examples: [{ origins: ['https://shop.example.com'], script: true }] }),
};
