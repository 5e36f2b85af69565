import type { Entry, When } from './entry.ts';

const CERTIFICATES = 'https://nodejs.org/api/cli.html#node_extra_ca_certsfile';
const NODE_ERRORS = 'https://nodejs.org/api/errors.html#common-system-errors';

const between = (
  id: string,
  when: When,
  happened: string,
  fix: string,
  link: string = NODE_ERRORS,
): Entry => ({
  id,
  vendor: 'On the way to the provider',
  // Whatever it is, it costs no live session, and the next try may work.
  wayOn: 'provider_unreachable',
  when,
  example: {},
  happened,
  fix,
  link,
});

/** Between the gateway and the provider: names, connections, TLS, proxies. */
export const NETWORK: readonly Entry[] = [
  between(
    'self-signed certificate',
    { code: ['DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN'] },
    'The provider’s certificate is signed by itself or by an authority that this machine does not know.',
    'Start Portico with NODE_EXTRA_CA_CERTS=/path/to/company-ca.pem. Do not switch the verification off.',
    CERTIFICATES,
  ),
  between(
    'incomplete certificate chain',
    {
      code: [
        'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
        'UNABLE_TO_GET_ISSUER_CERT',
        'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      ],
    },
    'The provider does not send the intermediate certificates, or its authority is not known here.',
    'Let the provider send its whole chain, or start Portico with NODE_EXTRA_CA_CERTS=/path/to/company-ca.pem.',
    CERTIFICATES,
  ),
  between(
    'expired certificate',
    { code: ['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID'] },
    'The provider’s certificate is not valid today, by the clock of this machine.',
    'Renew the certificate of the provider; if it is in order, set the clock of this machine.',
    CERTIFICATES,
  ),
  between(
    'certificate for another name',
    { code: ['ERR_TLS_CERT_ALTNAME_INVALID'] },
    'The provider’s certificate is for another host name.',
    'Use the name that stands in the certificate, or have it issued for this one.',
    CERTIFICATES,
  ),
  between(
    'no TLS there',
    { code: ['ERR_SSL_WRONG_VERSION_NUMBER', 'EPROTO', 'ERR_SSL_PACKET_LENGTH_TOO_LONG'] },
    'The port answers, but not with TLS.',
    'Compare scheme and port of the provider’s address: https belongs to the TLS port.',
  ),
  between(
    'unknown host',
    { code: ['ENOTFOUND', 'EAI_AGAIN'] },
    'The provider’s host name cannot be resolved.',
    'Look for a typing mistake in its address, then at the DNS of this machine or container.',
  ),
  between(
    'connection refused',
    { code: ['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ECONNRESET', 'UND_ERR_SOCKET'] },
    'Nobody takes the connection at the provider’s address.',
    'Look whether the provider runs, and whether a firewall lets this machine reach it. Where the way out leads through a proxy, start Portico with NODE_USE_ENV_PROXY=1 and HTTPS_PROXY.',
  ),
  between(
    'no answer in time',
    {
      code: [
        'OAUTH_TIMEOUT',
        'ETIMEDOUT',
        'UND_ERR_CONNECT_TIMEOUT',
        'UND_ERR_HEADERS_TIMEOUT',
        'TimeoutError',
      ],
    },
    'The provider did not answer in time.',
    'Look whether a firewall drops what this machine sends to it, and at the provider’s status page.',
  ),
  between(
    'not JSON',
    { code: ['OAUTH_RESPONSE_IS_NOT_JSON', 'OAUTH_PARSE_ERROR', 'html'] },
    'The answer is not JSON: often the page of a proxy, a portal or a wrong address.',
    'Open the address on this machine with curl: what answers there must be the provider itself.',
  ),
  between(
    'unexpected redirect',
    { code: ['redirect'] },
    'The provider sends the gateway elsewhere, and the gateway does not follow: another host could speak for it.',
    'Configure the address that it redirects to, if that is the real one (https, with or without www, a slash).',
  ),
  between(
    'not found',
    { code: ['status 404'], doing: 'discovery' },
    'There is no metadata at this issuer.',
    'Compare the issuer with the provider’s documentation: <issuer>/.well-known/openid-configuration must be JSON.',
    'https://openid.net/specs/openid-connect-discovery-1_0.html#ProviderConfig',
  ),
  between(
    'too many requests',
    { code: ['status 429'] },
    'The provider limits how often it is asked.',
    'Wait; the gateway does as Retry-After says.',
  ),
  between(
    'an error of the provider',
    { code: ['status 5xx'] },
    'The provider answers with an error of its own (5xx).',
    'Look at its status page or its log.',
  ),
  between(
    'unusable metadata',
    { text: /metadata names an endpoint that is not https/ },
    'The metadata names an endpoint that is not https.',
    'Correct the provider’s own public address; behind a reverse proxy it must be told that the outside is https.',
  ),
];
