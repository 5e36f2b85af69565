import { GatewayError } from '../core/errors.ts';
import type { Upstream } from '../core/types.ts';
import type { Brand } from '../http/pages/index.ts';
import { drawn } from '../http/reply.ts';
import { compilePolicy } from '../policy/decide.ts';
import { authorize } from '../policy/permit.ts';
import { forward } from '../proxy/forward.ts';
import type { Pool } from '../proxy/pool.ts';
import { requestText } from '../proxy/request-text.ts';
import { upstreamOrigin } from '../proxy/response-headers.ts';
import type { Log } from '../telemetry/log.ts';
import { sendReply } from '../wire/send.ts';
import { failure } from './refusals.ts';
import type { GateRequest } from './request.ts';

const COOKIES = 'portico-dev-';
const POLICY = compilePolicy({
  name: 'dev',
  title: 'Development sign-in',
  at: '/.auth/dev',
  allow: [],
  rules: [{ path: '/**', access: { public: true } }],
});

/** `/.auth/dev/*`: the embedded provider on the gateway's own port, so that a forwarded port is enough. Everybody may reach it. */
export function devRoute(parts: {
  pool: Pool;
  ready: Promise<Upstream>;
  brand: Brand;
  log: Log;
}): (request: GateRequest) => void {
  const pass = (request: GateRequest, upstream: Upstream): void => {
    const permit = authorize(POLICY, undefined, request);
    if (permit.kind !== 'permit')
      return refuse(request, new GatewayError('internal_error', 500, permit.reason));
    const { site, requestId, clientAddress } = request;
    forward(permit, request.exchange, {
      pool: parts.pool,
      upstream,
      place: {
        origin: site.origin,
        upstreamOrigin: upstreamOrigin(upstream),
        ownCookies: COOKIES,
      },
      text: requestText(request.head, {
        hostHeader: site.hostHeader,
        siteLines: site.forwardedLines,
        clientAddress,
        requestId,
        identityLines: '',
        ownCookies: COOKIES,
      }),
      onDone: ({ error }) => {
        if (error !== undefined) refuse(request, error);
      },
    });
  };
  const refuse = (request: GateRequest, error: GatewayError): void => {
    parts.log.error({ err: error, request_id: request.requestId }, error.message);
    sendReply(request.exchange, drawn(failure(request, error), parts.brand), Date.now());
  };
  return (request) => {
    parts.ready
      .then((upstream) => pass(request, upstream))
      .catch((cause: unknown) =>
        refuse(
          request,
          new GatewayError('dev_provider_down', 503, 'the development provider did not start', { cause }),
        ),
      );
  };
}
