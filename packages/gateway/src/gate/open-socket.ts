import { GatewayError } from '../core/errors.ts';
import type { TokenRefresher } from '../login/refresh.ts';
import { decide, type Policy } from '../policy/decide.ts';
import type { Permit } from '../policy/permit.ts';
import { type PairOwner, SocketPair } from '../proxy/socket-pair.ts';
import type { OpenConnection, Sockets } from '../proxy/sockets.ts';
import { type Handshake, type Opened, type UpgradeOptions, upgrade } from '../proxy/upgrade.ts';
import type { LiveSession } from '../session/live.ts';
import type { AppMetrics } from '../telemetry/metrics.ts';
import type { Exchange } from '../wire/exchange.ts';

interface OpenSocketOptions {
  readonly sockets: Sockets;
  readonly metrics: AppMetrics;
  readonly refresher: TokenRefresher | undefined;
  readonly policy: Policy;
  readonly path: string;
  readonly handshake: Omit<UpgradeOptions, 'on'>;
  /** Told once the handshake is over; `error` when the gateway must answer, status 0 when nobody waits for an answer. */
  readonly onDone: (outcome: { readonly status: number; readonly error?: GatewayError }) => void;
}

/**
 * Opens a WebSocket for a permit. It is known to `sockets` from its first byte: a session that ends during the handshake
 * must not leave a socket behind.
 */
export function openSocket(permit: Permit, exchange: Exchange, options: OpenSocketOptions): void {
  const { sockets, onDone } = options;
  const { live } = permit;
  let handshake: Handshake | undefined;
  let cancelled: GatewayError | undefined;
  const waiting: OpenConnection = {
    close: () => {
      cancelled = live?.ended === undefined ? stopping() : sessionEnded();
      handshake?.cancel(cancelled);
    },
  };
  const leave = (): void => sockets.remove(live, waiting);
  sockets.add(live, waiting);
  if (cancelled !== undefined) {
    leave();
    return onDone({ status: 0, error: cancelled });
  }
  handshake = upgrade(permit, exchange, {
    ...options.handshake,
    on: {
      opened(opened) {
        leave();
        onDone({ status: 101 });
        couple(opened, new Owner(live, options));
      },
      refused(status) {
        leave();
        onDone({ status });
      },
      failed(error) {
        leave();
        onDone({ status: 0, error });
      },
      abandoned() {
        leave();
        onDone({ status: 0 });
      },
    },
  });
}

/** Outside of the function above, whose variables would otherwise live as long as the socket. */
function couple({ client, app, reader, clientRest, appRest }: Opened, owner: Owner): void {
  const pair = new SocketPair(client, app, reader, owner);
  owner.begin(pair);
  pair.begin(clientRest, appRest);
}

class Owner implements PairOwner, OpenConnection {
  readonly #live: LiveSession | undefined;
  readonly #sockets: Sockets;
  readonly #refresher: TokenRefresher | undefined;
  readonly #policy: Policy;
  readonly #path: string;
  readonly counters: AppMetrics;
  #pair: SocketPair | undefined;

  constructor(live: LiveSession | undefined, options: OpenSocketOptions) {
    this.#live = live;
    this.#sockets = options.sockets;
    this.#refresher = options.refresher;
    this.#policy = options.policy;
    this.#path = options.path;
    this.counters = options.metrics;
  }

  begin(pair: SocketPair): void {
    this.#pair = pair;
    this.counters.socketOpened();
    this.#sockets.add(this.#live, this);
  }

  close(code: number, reason: string): void {
    this.#pair?.close(code, reason);
  }

  allowed(): boolean {
    return decide(this.#live?.session.identity, this.#policy, this.#path).kind === 'allow';
  }

  seen(): void {
    const live = this.#live;
    if (live === undefined) return;
    live.lastSeenAt = Date.now();
    if (this.#refresher?.due(live, live.lastSeenAt)) this.#refresher.start(live);
  }

  ended(): void {
    this.counters.socketClosed();
    this.#sockets.remove(this.#live, this);
  }
}

/** `session_ended` (401): what the app would say now is nobody’s any more. */
export function sessionEnded(): GatewayError {
  return new GatewayError('session_ended', 401, 'the session ended before the app had answered', {
    publicMessage: 'You were signed out before the app had answered.',
    publicHint: 'Load the page again to sign in.',
  });
}

function stopping(): GatewayError {
  return new GatewayError('gateway_stopping', 503, 'the gateway stops', {
    publicMessage: 'The gateway is restarting.',
    publicHint: 'Try again in a moment.',
  });
}
