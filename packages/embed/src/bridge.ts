import { within } from './deadline.ts';
import { EmbedError, toEmbedError } from './errors.ts';
import { type Message, RESERVED } from './messages.ts';

/** Names and the data that goes with each; any name with any data where nothing was said. */
export type Messages = Record<string, unknown>;

/**
 * Both ends of a conversation have this.
 *
 * @typeParam Sent - what this side tells, by name
 * @typeParam Heard - what the other side tells, by name
 */
export interface Bridge<Sent extends object = Messages, Heard extends object = Messages> {
  /**
   * Tells the other side something. What is sent before it listens is delivered when it does.
   *
   * @throws EmbedError when the name is the scripts' own, or too much is waiting
   */
  send<Name extends keyof Sent & string>(name: Name, data?: Sent[Name]): void;
  /**
   * Calls `handler` with the data of every event and request of this name. What the first handler of a request returns, or
   * its promise, is the reply.
   *
   * @returns ends it
   */
  on<Name extends keyof Heard & string>(name: Name, handler: (data: Heard[Name]) => unknown): () => void;
  /** Asks the other side and waits for its reply, ten seconds at most. @throws EmbedError (as a rejection) */
  request<Reply = unknown>(name: string, data?: unknown): Promise<Reply>;
}

/** Gives a message to the other side. */
export type Post = (message: Message) => void;

/** A bridge and the ends that connect it, whatever carries its messages. */
export interface Link {
  readonly bridge: Bridge;
  /** What the other side's script says of itself: name, data, reason. */
  onState: (name: string, data: unknown, reason: string | undefined) => void;
  /** From now on the other side listens; without an argument it no longer does. */
  attach(post?: Post): void;
  /** Takes a message that came from the other side; where it came from was checked before. */
  receive(message: Message): void;
  /** Calls the handlers of this side, for a name of the scripts' own as well. */
  emit(name: string, data: unknown): void;
  /** Says something of the scripts' own, if the other side listens. */
  state(name: string, data?: unknown): void;
}

type Handler = (data: never) => unknown;

/** Messages that wait for the other side, and requests that wait for a reply. */
const MOST = 500;
const TIMEOUT_MS = 10_000;
const PATIENCE_MS = 5_000;

/**
 * @param timeout - how long a request waits for its reply, in milliseconds
 * @param patience - how long it waits for somebody to reply at all: an app's own code often begins long after its script
 */
export function createLink(timeout = TIMEOUT_MS, patience = PATIENCE_MS): Link {
  const handlers = new Map<string, Set<Handler>>();
  const pending = new Map<number, { resolve(data: unknown): void; reject(error: EmbedError): void }>();
  let waiting: Message[] = [];
  let unheard: Message[] = [];
  let post: Post | undefined;
  let last = 0;

  const deliver = (message: Message): void => {
    if (post) return post(message);
    if (waiting.length >= MOST)
      throw new EmbedError('queue_full', 'Too many messages wait for the other side.');
    waiting.push(message);
  };

  const check = (name: string): void => {
    if (typeof name !== 'string' || name === '' || name.startsWith(RESERVED))
      throw new EmbedError('bad_data', `A message cannot be called ${JSON.stringify(name)}.`);
  };

  const call = (name: string, data: unknown): unknown[] =>
    [...(handlers.get(name) ?? [])].map((handler) => {
      try {
        return handler(data as never);
      } catch (error) {
        return Promise.reject(error);
      }
    });

  /** A handler that fails does not stop the others, and is seen in the console as usual. */
  const watch = (answers: readonly unknown[]): void => {
    for (const answer of answers) Promise.resolve(answer).catch(reportError);
  };

  const answer = async (id: number | undefined, name: string, data: unknown): Promise<void> => {
    const to = post;
    const reply = { portico: 1, kind: 'reply', ...(id !== undefined && { id }) } as const;
    try {
      const answers = call(name, data);
      watch(answers);
      if (answers.length === 0) throw new EmbedError('no_handler', 'Nobody there answers to this.');
      const result = await answers[0];
      to?.({ ...reply, data: result });
    } catch (error) {
      to?.({ ...reply, error: toEmbedError(error).reason });
    }
  };

  /** Nobody listens yet. */
  const keep = (message: Message): void => {
    const { kind, id, name = '', data } = message;
    unheard = [...unheard, message].slice(-MOST);
    if (kind === 'request')
      setTimeout(() => {
        if (!unheard.includes(message)) return;
        unheard = unheard.filter((other) => other !== message);
        void answer(id, name, data);
      }, patience);
  };

  const receive = (message: Message): void => {
    const { kind, id, name = '', data, error } = message;
    if (kind === 'state') return link.onState(name, data, error);
    if (name.startsWith(RESERVED)) return;
    if (kind !== 'reply' && !handlers.get(name)?.size) return keep(message);
    if (kind === 'event') watch(call(name, data));
    if (kind === 'request') void answer(id, name, data);
    const asked = kind === 'reply' && id !== undefined ? pending.get(id) : undefined;
    if (error === undefined) asked?.resolve(data);
    else asked?.reject(new EmbedError(error, 'The other side could not answer.'));
  };

  const link: Link = {
    onState: () => {},
    bridge: {
      send(name, data) {
        check(name);
        deliver({ portico: 1, kind: 'event', name, data });
      },
      on(name, handler) {
        const known = handlers.get(name) ?? new Set();
        handlers.set(name, known.add(handler));
        const early = unheard.filter((message) => message.name === name);
        unheard = unheard.filter((message) => message.name !== name);
        queueMicrotask(() => early.forEach(receive));
        return () => void known.delete(handler);
      },
      async request<Reply>(name: string, data?: unknown) {
        check(name);
        if (pending.size >= MOST) throw new EmbedError('queue_full', 'Too many requests wait for a reply.');
        last += 1;
        const id = last;
        const message: Message = { portico: 1, kind: 'request', id, name, data };
        const reply = new Promise((resolve, reject) => pending.set(id, { resolve, reject }));
        try {
          deliver(message);
          return (await within(timeout, reply)) as Reply;
        } finally {
          pending.delete(id);
          // Nobody waits for the reply any more.
          waiting = waiting.filter((other) => other !== message);
        }
      },
    },
    attach(next) {
      post = next;
      if (next) for (const message of waiting.splice(0)) next(message);
    },
    receive,
    emit: (name, data) => watch(call(name, data)),
    state: (name, data) => post?.({ portico: 1, kind: 'state', name, data }),
  };
  return link;
}
