import { connect, createServer } from 'node:net';

const TIMEOUT_MS = 3_000;

/** Whether somebody could listen there: listens for a moment. */
export function isPortFree(address: string, port: number): Promise<boolean> {
  return new Promise((settle) => {
    const server = createServer();
    server.once('error', () => settle(false));
    server.listen(port, address, () => server.close(() => settle(true)));
  });
}

/** Whether somebody listens there. */
export function takesConnections(hostname: string, port: number): Promise<boolean> {
  return new Promise((settle) => {
    const socket = connect({ host: hostname, port, timeout: TIMEOUT_MS });
    const end = (answer: boolean): void => {
      socket.destroy();
      settle(answer);
    };
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
  });
}
