import { isObject } from '../core/object.ts';
import { algorithmsOf, isSymmetric, readKeyFile } from './bearer-key.ts';
import { bearerSchema, introspectionSchema } from './bearer-schema.ts';
import {
  ASYMMETRIC,
  type BearerAlgorithm,
  type BearerSettings,
  type BearerSource,
} from './bearer-settings.ts';
import { type Context, readFileAt } from './context.ts';
import { isProblem } from './fields.ts';
import { claimNames } from './provider-client.ts';
import { readIssuer } from './readers.ts';
import { type Path, type Read, readShape } from './shape.ts';

type ReadBearer = Read<typeof bearerSchema.shape>;

/** All sound issuers of bearer tokens, with problems for the others. */
export function readBearer(context: Context): BearerSettings[] {
  const { problems } = context;
  const raw = context.raw['bearer'];
  if (raw === undefined) return [];
  if (!isObject(raw)) {
    problems.add(
      ['bearer'],
      'should be a set of issuers by name',
      'Write bearer: and below it for example shop:',
    );
    return [];
  }
  const providers = isObject(context.raw['providers']) ? Object.keys(context.raw['providers']) : [];
  return Object.entries(raw).flatMap(([name, value]) => {
    const before = problems.count;
    const path: Path = ['bearer', name];
    if (!/^[a-z0-9][a-z0-9-]{0,31}$/.test(name))
      problems.add(
        path,
        'is not a name for an issuer',
        'Use up to 32 lower-case letters, digits and hyphens.',
      );
    if (providers.includes(name) || name === 'dev')
      problems.add(
        path,
        'is the name of a provider, too',
        'Choose another name: logs and apps tell them apart.',
      );
    const settings = readOne(context, name, value, path);
    return settings === undefined || problems.count > before ? [] : [settings];
  });
}

function readOne(context: Context, name: string, value: unknown, path: Path): BearerSettings | undefined {
  const introspection = isObject(value) ? value['introspection'] : undefined;
  const plain = isObject(introspection) ? introspection['client_secret'] : undefined;
  if (typeof plain === 'string') context.problems.hide(plain);
  const read = readShape(bearerSchema, value, path, context.problems, ['introspection']);
  const claims = claimNames(context, path, read.claims);
  if (!isObject(value)) return undefined;
  const source = readSource(context, path, read, value);
  const { issuer, audience } = read;
  if (source === undefined || issuer === undefined || audience === undefined) return undefined;
  return {
    name,
    issuer,
    source,
    audience: [...new Set([audience].flat())],
    algorithms: algorithms(context, path, source, read.algorithms),
    scopes: [...new Set(read.scopes)],
    rolesClaim: read.roles_claim ?? 'roles',
    groupsClaim: read.groups_claim ?? 'groups',
    ...(read.user_claim === undefined ? {} : { userClaim: read.user_claim }),
    ...(claims === undefined ? {} : { claims }),
  };
}

function readSource(
  context: Context,
  path: Path,
  read: ReadBearer,
  value: Readonly<Record<string, unknown>>,
): BearerSource | undefined {
  const { problems } = context;
  const given = (['jwks', 'key_file', 'introspection'] as const).filter((key) => value[key] !== undefined);
  if (given.length > 1) {
    problems.add(path, `has ${given.join(' and ')}`, 'Keep one of them: a token is judged in one way.');
    return undefined;
  }
  switch (given[0]) {
    case 'jwks':
      return read.jwks === undefined ? undefined : { kind: 'jwks', url: read.jwks };
    case 'key_file':
      return read.key_file === undefined ? undefined : keyFile(context, path, read.key_file, read.algorithms);
    case 'introspection':
      return introspectionOf(context, [...path, 'introspection'], value['introspection']);
    default: {
      if (read.issuer === undefined) return undefined;
      const issuer = readIssuer(read.issuer);
      if (!isProblem(issuer)) return { kind: 'discovery' };
      problems.add(
        [...path, 'issuer'],
        issuer.message,
        `${issuer.fix} Or say where its keys are with jwks or key_file.`,
      );
      return undefined;
    }
  }
}

function keyFile(
  context: Context,
  path: Path,
  file: string,
  chosen: readonly BearerAlgorithm[] = [],
): BearerSource | undefined {
  const at = [...path, 'key_file'];
  const contents = readFileAt(context, at, file);
  if (contents === undefined) return undefined;
  context.problems.hide(contents.trim());
  const source = readKeyFile(contents, chosen.length > 0 && chosen.every(isSymmetric));
  if (!isProblem(source)) return source;
  context.problems.add(at, source.message, source.fix);
  return undefined;
}

function introspectionOf(context: Context, path: Path, value: unknown): BearerSource | undefined {
  const { problems } = context;
  const read = readShape(introspectionSchema, value, path, problems);
  const { client_secret: given, client_secret_file: file } = read;
  if (given !== undefined && file !== undefined)
    problems.add(path, 'has both client_secret and client_secret_file', 'Keep one of them.');
  const secret =
    file === undefined ? given : readFileAt(context, [...path, 'client_secret_file'], file)?.trim();
  if (secret !== undefined) problems.hide(secret);
  if (given === undefined && file === undefined && isObject(value))
    problems.add(
      path,
      'has no client_secret',
      'Add client_secret_file: FILE. Only a client may ask (RFC 7662).',
    );
  if (secret === '')
    problems.add([...path, 'client_secret_file'], 'the file is empty', 'Put the client secret in it.');
  if (!secret || read.url === undefined || read.client_id === undefined) return undefined;
  return { kind: 'introspection', url: read.url, clientId: read.client_id, clientSecret: secret };
}

/** Algorithms come from here or from the key, never from a token (RFC 8725 section 3.1). */
function algorithms(
  { problems }: Pick<Context, 'problems'>,
  path: Path,
  source: BearerSource,
  chosen: readonly BearerAlgorithm[] | undefined,
): readonly BearerAlgorithm[] {
  const at = [...path, 'algorithms'];
  if (source.kind === 'introspection') {
    if (chosen !== undefined) problems.add(at, 'means nothing where the issuer is asked', 'Leave it out.');
    return [];
  }
  const possible = source.kind === 'keys' ? algorithmsOf(source.keys) : ASYMMETRIC;
  if (chosen === undefined || source.kind === 'secret') return chosen ?? possible;
  for (const [index, name] of chosen.entries())
    if (isSymmetric(name))
      problems.add(
        [...at, index],
        `${name} signs with a shared secret, and these keys are public`,
        'Leave it out.',
      );
    else if (!possible.includes(name))
      problems.add(
        [...at, index],
        `${name} is not for such a key`,
        `Use ${possible.join(', ')}, or leave it out.`,
      );
  return chosen;
}
