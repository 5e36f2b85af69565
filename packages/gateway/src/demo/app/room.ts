import type { WebSocket } from 'ws';
import { HISTORY, history, nextSample, type Sample } from './feed.ts';
import type { Person } from './identity.ts';

/** A browser that falls this far behind (bytes) misses seconds rather than fill our memory. */
const BACKLOG = 256 * 1024;

/** Everybody who looks at the dashboard now, and the numbers they all see. */
export class Room {
  readonly #sockets = new Map<WebSocket, Person>();
  readonly #random: () => number;
  readonly #samples: Sample[];

  constructor(now: number, random: () => number) {
    this.#random = random;
    this.#samples = history(now, random);
  }

  enter(socket: WebSocket, person: Person): void {
    this.#sockets.set(socket, person);
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      this.#sockets.delete(socket);
      this.#tellWatching();
    });
    this.#send(socket, { type: 'hello', person, samples: this.#samples });
    this.#tellWatching();
  }

  /** One second later. */
  tick(now: number): void {
    const sample = nextSample(this.#samples.at(-1), now, this.#random);
    this.#samples.push(sample);
    if (this.#samples.length > HISTORY) this.#samples.shift();
    for (const socket of this.#sockets.keys()) this.#send(socket, { type: 'sample', sample });
  }

  /** Each person once, however many tabs are open. */
  get people(): readonly Person[] {
    return [...new Map([...this.#sockets.values()].map((person) => [person.id, person])).values()];
  }

  #tellWatching(): void {
    const watching = this.people.length;
    for (const socket of this.#sockets.keys()) this.#send(socket, { type: 'watching', watching });
  }

  #send(socket: WebSocket, message: unknown): void {
    if (socket.bufferedAmount < BACKLOG) socket.send(JSON.stringify(message));
  }
}
