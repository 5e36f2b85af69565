import { isIP } from 'node:net';
import { isLoopback } from '../core/loopback.ts';
import type { Malformed } from '../policy/allow.ts';

const UNITS = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** `12h`, `7d`, `1.5d` in milliseconds. */
export function readDuration(text: string): number | Malformed {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)$/.exec(text.trim());
  if (match === null)
    return { message: 'is not a duration', fix: 'Write a number with s, m, h or d: 30m, 12h, 7d.' };
  return Math.round(Number(match[1]) * UNITS[match[2] as keyof typeof UNITS]);
}

/** The origin of a public URL: scheme, host and port only, https unless on this machine. */
export function readPublicUrl(text: string): string | Malformed {
  const url = URL.parse(text);
  const example = 'Write the address that people type, for example https://apps.example.com.';
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    return { message: 'is not an http or https address', fix: example };
  if (
    url.pathname !== '/' ||
    url.search !== '' ||
    url.hash !== '' ||
    url.username !== '' ||
    url.password !== ''
  )
    return {
      message: 'has more than scheme, host and port',
      fix: `Write ${url.origin} and give paths to apps with at.`,
    };
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    return {
      message: 'is plain http: anybody on the way could take over sessions',
      fix: `Write https://${url.host}, and give tls here or end TLS in a proxy in front.`,
    };
  return url.origin;
}

/** An issuer exactly as written (it is compared byte for byte), https unless on this machine. */
export function readIssuer(text: string): string | Malformed {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    return {
      message: 'is not a URL',
      fix: 'Write the issuer as the provider states it: https://login.example.com/…',
    };
  if (url.search !== '' || url.hash !== '' || url.username !== '')
    return { message: 'has a query, fragment or user name', fix: 'Write the bare issuer URL.' };
  if (text.includes('/.well-known/'))
    return {
      message: 'is the metadata document, not the issuer',
      fix: 'Leave out everything from /.well-known on.',
    };
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    return {
      message: 'is plain http: sign-ins could be forged',
      fix: 'Use the https issuer of the provider.',
    };
  return text;
}

/** Where a running app answers: `http://host:port`. */
export function readUpstream(text: string): { hostname: string; port: number } | Malformed {
  const url = URL.parse(text);
  const fix = 'Write http://HOST:PORT, for example http://127.0.0.1:8501.';
  if (url === null || !/^https?:\/\//i.test(text)) return { message: 'is not an http address', fix };
  if (url.protocol === 'https:') return { message: 'https to an app is not in this version', fix };
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '' || url.username !== '')
    return {
      message: 'has more than host and port',
      fix: `Write ${url.origin}; the app sees every path unchanged, so serve it at the same path as its at.`,
    };
  return { hostname: url.hostname.replace(/^\[|\]$/g, ''), port: url.port === '' ? 80 : Number(url.port) };
}

/** A path prefix: `/` or `/sales`. */
export function readAt(text: string): string | Malformed {
  const at = text.length > 1 ? text.replace(/\/$/, '') : text;
  if (!/^\/$|^(?:\/[A-Za-z0-9._~-]+)+$/.test(at) || /\/\.{1,2}(?:\/|$)/.test(at))
    return {
      message: `"${text}" is not a path`,
      fix: 'Write / or letters, digits and - . _ ~ after it: /sales.',
    };
  if (/^\/\.auth(?:\/|$)/i.test(at))
    return { message: '/.auth is the gateway’s own', fix: 'Choose another path.' };
  return at;
}

/** A bare host name in lower case. */
export function readHost(text: string): string | Malformed {
  const host = text.toLowerCase().replace(/\.$/, '');
  if (/^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(host))
    return host;
  return {
    message: `"${text}" is not a host name`,
    fix: 'Write the name alone, without https:// or a port.',
  };
}

/** An address or a range of addresses. */
export function readCidr(text: string): string | Malformed {
  const [address = '', bits, ...rest] = text.split('/');
  const version = isIP(address);
  const widest = version === 4 ? 32 : 128;
  const sound = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= widest);
  if (version !== 0 && sound && rest.length === 0) return text;
  return { message: `"${text}" is not an address range`, fix: 'Write for example 10.0.0.0/8 or 192.0.2.7.' };
}

/** A command as a person types it, in words. Quotes and backslashes work; a shell's other signs are refused. */
export function readCommand(text: string): string[] | Malformed {
  const words: string[] = [];
  let word: string | undefined;
  const token = /\s+|'([^']*)'|"((?:[^"\\]|\\.)*)"|\\(.)|([^\s'"\\])/gsy;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const [whole, single, double, escaped, plain] = match;
    if (plain !== undefined && '|&;<>`$'.includes(plain))
      return {
        message: `has ${plain}, which only a shell understands`,
        fix: `Write it as a list: [sh, -c, '…'], or quote the ${plain}.`,
      };
    if (/^\s/.test(whole)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + (single ?? double?.replace(/\\(["\\])/g, '$1') ?? escaped ?? plain ?? '');
    if (token.lastIndex === text.length) {
      if (word !== undefined) words.push(word);
      return words.length > 0
        ? words
        : { message: 'is empty', fix: 'Write the command that starts the app.' };
    }
  }
  return text === ''
    ? { message: 'is empty', fix: 'Write the command that starts the app.' }
    : { message: 'has a quote that is not closed', fix: 'Close it.' };
}

/** An https address (http on this machine), as far as its path. */
function readAddress(text: string): URL | Malformed {
  const url = URL.parse(text);
  const fix = 'Write it with https://, for example https://id.example.com.';
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    return { message: 'is not an http or https address', fix };
  if (url.hash !== '' || url.username !== '' || url.password !== '')
    return { message: 'has a fragment or user name', fix: 'Leave that part out.' };
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    return { message: 'is plain http: sign-ins could be forged', fix: `Write https://${url.host}.` };
  return url;
}

/** One endpoint of a provider. */
export function readEndpoint(text: string): string | Malformed {
  const url = readAddress(text);
  return url instanceof URL ? url.href : url;
}

/** The base URL of a server, without a slash at the end. */
export function readBaseUrl(text: string): string | Malformed {
  const url = readAddress(text);
  if (!(url instanceof URL)) return url;
  if (url.search !== '') return { message: 'has a query', fix: 'Leave it out.' };
  return url.href.replace(/\/+$/, '');
}

/** An origin as a browser writes it in its `Origin` header: exact, since `endsWith` and wildcards let strangers in. */
export function readOrigin(text: string): string | Malformed {
  const url = URL.parse(text);
  const fix = 'Write scheme and host, for example https://shop.example.com; without a path, and no wildcard.';
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:') || text.includes('*'))
    return { message: `"${text}" is not an origin`, fix };
  if (
    url.pathname !== '/' ||
    url.search !== '' ||
    url.hash !== '' ||
    url.username !== '' ||
    url.password !== ''
  )
    return { message: 'has more than scheme, host and port', fix: `Write ${url.origin}.` };
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    return {
      message: 'is plain http: anybody on the way could speak for that page',
      fix: `Write https://${url.host}.`,
    };
  return url.origin;
}

/** The base URL of an API, without a slash at the end. */
export function readApiUrl(text: string): string | Malformed {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    return { message: 'is not an https address', fix: 'Write for example https://api.example.com/v1.' };
  if (url.search !== '' || url.hash !== '' || url.username !== '' || url.password !== '')
    return { message: 'has a query, fragment or user name', fix: `Write ${url.origin}${url.pathname}.` };
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    return {
      message: 'is plain http: access tokens could be read on the way',
      fix: `Write https://${url.host}${url.pathname}.`,
    };
  // A path that two servers read in two ways would be no boundary.
  if (/\/\/|%|\\|;/.test(url.pathname))
    return { message: 'has a path with // % ; or \\ in it', fix: 'Write the plain path of the API.' };
  return url.href.replace(/\/$/, '');
}

/** The origin of a vendor's tenant: `acme`, `acme.VENDOR`, a custom domain, or the whole address. */
export function readDomain(text: string, vendor: string): string | Malformed {
  const whole = /^https?:\/\//i.test(text) ? text : `https://${text}${/[.:]/.test(text) ? '' : `.${vendor}`}`;
  const url = readAddress(whole);
  if (!(url instanceof URL)) return url;
  if (url.pathname !== '/' || url.search !== '')
    return { message: 'has more than the domain', fix: `Write ${url.host}.` };
  return url.origin;
}
