/** Changes of the page's own objects, and the way back. */
export class Patches {
  readonly #undo: (() => void)[] = [];

  /** Sets an own property. */
  define(target: object, name: PropertyKey, change: PropertyDescriptor): void {
    const before = Object.getOwnPropertyDescriptor(target, name);
    const after = { configurable: true, enumerable: before?.enumerable ?? false, ...change };
    Object.defineProperty(target, name, after);
    this.#undo.push(() => {
      const now = Object.getOwnPropertyDescriptor(target, name);
      // Who patched it after us has ours inside; then it stays, and does nothing of its own any more.
      if (now?.value !== after.value || now?.get !== after.get) return;
      if (before) Object.defineProperty(target, name, before);
      else Reflect.deleteProperty(target, name);
    });
  }

  /** Replaces a function by one that is made of it. */
  wrap<Key extends PropertyKey, Target extends { [name in Key]: unknown }>(
    target: Target,
    name: Key,
    make: (original: Target[Key]) => Target[Key],
  ): void {
    this.define(target, name, { value: make(target[name]), writable: true });
  }

  /** Something else that is to be taken back. */
  later(undo: () => void): void {
    this.#undo.push(undo);
  }

  /** Takes everything back, the last change first. */
  undo(): void {
    for (const undo of this.#undo.splice(0).reverse()) undo();
  }
}
