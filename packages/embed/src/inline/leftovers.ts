import type { Callers } from './callers.ts';
import type { Patches } from './patches.ts';

/** Listeners, timers and observers of the app end with it, and it leaves the page's address alone. */
export function patchLeftovers(patches: Patches, callers: Callers): void {
  for (const target of [window, document]) patchListeners(patches, callers, target);
  patchTimers(patches, callers);
  patchObservers(patches, callers);
  patchHistory(patches, callers);
  patchElements(patches, callers);
}

function patchListeners(patches: Patches, { isApp }: Callers, target: EventTarget): void {
  const add = target.addEventListener.bind(target);
  const remove = target.removeEventListener.bind(target);
  let left: Parameters<EventTarget['removeEventListener']>[] = [];
  const added: EventTarget['addEventListener'] = (type, listener, options) => {
    if (isApp()) left.push([type, listener, options]);
    add(type, listener, options);
  };
  const removed: EventTarget['removeEventListener'] = (type, listener, options) => {
    left = left.filter(
      (one) => one[0] !== type || one[1] !== listener || capture(one[2]) !== capture(options),
    );
    remove(type, listener, options);
  };
  patches.define(target, 'addEventListener', { value: added, writable: true });
  patches.define(target, 'removeEventListener', { value: removed, writable: true });
  patches.later(() => {
    for (const listener of left.splice(0)) remove(...listener);
  });
}

function capture(options: boolean | EventListenerOptions | undefined): boolean {
  return typeof options === 'object' ? options.capture === true : options === true;
}

type Start = (callback: (...args: never[]) => unknown, ...rest: unknown[]) => number;

const TIMERS = [
  ['setTimeout', 'clearTimeout'],
  ['setInterval', 'clearInterval'],
  ['requestAnimationFrame', 'cancelAnimationFrame'],
  ['requestIdleCallback', 'cancelIdleCallback'],
] as const;

function patchTimers(patches: Patches, { isApp }: Callers): void {
  for (const [name, stop] of TIMERS) {
    const original = Reflect.get(window, name) as Start | undefined;
    // Safari has no requestIdleCallback.
    if (!original) continue;
    const start = original.bind(window) as Start;
    const running = new Set<number>();
    const value: Start = (callback, ...rest) => {
      if (typeof callback !== 'function' || !isApp()) return start(callback, ...rest);
      const once = (...args: never[]): unknown => {
        if (name !== 'setInterval') running.delete(id);
        return callback.apply(window, args);
      };
      const id = start(once, ...rest);
      running.add(id);
      return id;
    };
    patches.define(window, name, { value, writable: true, enumerable: true });
    patches.later(() => {
      const end = Reflect.get(window, stop) as (id: number) => void;
      for (const id of running) end.call(window, id);
    });
  }
}

/** When the app is taken off the page, what watches its sizes would hear of it once more. */
function patchObservers(patches: Patches, { isApp }: Callers): void {
  const made = new Set<WeakRef<{ disconnect(): void }>>();
  const collected = new FinalizationRegistry((ref: WeakRef<{ disconnect(): void }>) => made.delete(ref));
  for (const name of ['ResizeObserver', 'IntersectionObserver', 'MutationObserver'] as const) {
    const value = new Proxy(window[name], {
      construct(target, args, as) {
        const observer: { disconnect(): void } = Reflect.construct(target, args, as);
        if (!isApp()) return observer;
        const ref = new WeakRef(observer);
        made.add(ref);
        collected.register(observer, ref);
        return observer;
      },
    });
    patches.define(window, name, { value, writable: true });
  }
  patches.later(() => {
    for (const ref of made) ref.deref()?.disconnect();
  });
}

/** The address is the page's, whose own router reads it. */
function patchHistory(patches: Patches, { isApp }: Callers): void {
  for (const name of ['pushState', 'replaceState'] as const) {
    const original = history[name].bind(history);
    const value: History['pushState'] = (...args) => {
      if (!isApp()) original(...args);
    };
    patches.define(history, name, { value, writable: true });
  }
}

/** A custom element is for ever: an app that is shown again finds its own from the last time. */
function patchElements(patches: Patches, { isApp }: Callers): void {
  patches.wrap(customElements, 'define', (define) => (name, element, options) => {
    if (!isApp() || !customElements.get(name)) define.call(customElements, name, element, options);
  });
}
