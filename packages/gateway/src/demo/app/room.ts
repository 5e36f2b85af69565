import type { WebSocket } from 'ws';
import type { AskApi } from './api.ts';
import { HISTORY, history, nextSample, type Sample } from './feed.ts';
import type { Person } from './identity.ts';

/** A browser that falls this far behind (bytes) misses seconds rather than fill our memory. */
const BACKLOG = 256 * 1024;

/** Seconds between two questions to the API. Asked from here, since a page that asks would keep its session from getting idle. */
const ASK_EVERY = 10;

interface Watcher {
  readonly person: Person;
  readonly ask: () => void;
}

/** Everybody who looks at the dashboard now, and the numbers they all see. */
export class Room {
  readonly #sockets = new Map<WebSocket, Watcher>();
  readonly #random: () => number;
  readonly #askApi: AskApi;
  readonly #samples: Sample[];
  #seconds = 0;

  constructor(now: number, random: () => number, askApi: AskApi) {
    this.#random = random;
    this.#askApi = askApi;
    this.#samples = history(now, random);
  }

  /** @param assertion - of the request that opened the socket: it stays the handle to the API, long after it has expired */
  enter(socket: WebSocket, person: Person, assertion: string): void {
    const ask = this.#asking(socket, assertion);
    this.#sockets.set(socket, { person, ask });
    socket.on('error', () => socket.terminate());
    socket.on('close', () => {
      this.#sockets.delete(socket);
      this.#tellWatching();
    });
    socket.on('message', ask);
    this.#send(socket, { type: 'hello', person, samples: this.#samples });
    this.#tellWatching();
    ask();
  }

  /** Asks the API and tells the page what it said; one question at a time. */
  #asking(socket: WebSocket, assertion: string): () => void {
    let asking = false;
    return () => {
      if (asking) return;
      asking = true;
      void this.#askApi(assertion).then((answer) => {
        asking = false;
        this.#send(socket, { type: 'api', answer });
      });
    };
  }

  /** One second later. */
  tick(now: number): void {
    const sample = nextSample(this.#samples.at(-1), now, this.#random);
    this.#samples.push(sample);
    if (this.#samples.length > HISTORY) this.#samples.shift();
    for (const socket of this.#sockets.keys()) this.#send(socket, { type: 'sample', sample });
    if (++this.#seconds % ASK_EVERY === 0) for (const { ask } of this.#sockets.values()) ask();
  }

  /** Each person once, however many tabs are open. */
  get people(): readonly Person[] {
    return [...new Map([...this.#sockets.values()].map(({ person }) => [person.id, person])).values()];
  }

  #tellWatching(): void {
    const watching = this.people.length;
    for (const socket of this.#sockets.keys()) this.#send(socket, { type: 'watching', watching });
  }

  #send(socket: WebSocket, message: unknown): void {
    if (socket.bufferedAmount < BACKLOG) socket.send(JSON.stringify(message));
  }
}
