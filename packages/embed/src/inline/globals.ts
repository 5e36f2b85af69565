/** Where frameworks leave names behind. */
const SHARED = [window, document, Element.prototype, Text.prototype];

/** What the app's scripts leave on `window`, and the way back. */
export class Globals {
  readonly #before = new Map<PropertyKey, PropertyDescriptor | undefined>();
  readonly #after = new Map<PropertyKey, PropertyDescriptor>();
  readonly #first = SHARED.map((object) => [object, new Set(Reflect.ownKeys(object))] as const);
  readonly #late: RegExp;

  /** @param late - names that the app's scripts set long after they ran, on what all scripts share */
  constructor(late = /^$/) {
    this.#late = late;
  }

  /** Notes the changes from now until the returned function is called. */
  watch(): () => void {
    const before = descriptors();
    return () => {
      const after = descriptors();
      for (const name of Reflect.ownKeys(after)) {
        const was = before[name];
        const is = after[name];
        if (!is || (was && was.value === is.value && was.get === is.get)) continue;
        if (!this.#before.has(name)) this.#before.set(name, was);
        this.#after.set(name, is);
      }
    };
  }

  /** Leaves alone what the page has changed itself in the meantime. */
  restore(): void {
    for (const [name, was] of this.#before) {
      const left = this.#after.get(name);
      const now = Object.getOwnPropertyDescriptor(window, name);
      if (!now || now.value !== left?.value || now.get !== left?.get) continue;
      if (was) Object.defineProperty(window, name, was);
      // A `var` of a script cannot be deleted; then at least nothing is kept alive by it.
      else if (!Reflect.deleteProperty(window, name)) Reflect.set(window, name, undefined);
    }
    for (const [object, first] of this.#first)
      for (const name of Reflect.ownKeys(object)) {
        const known = typeof name === 'symbol' ? name.description : name;
        if (known && this.#late.test(known) && !first.has(name)) Reflect.deleteProperty(object, name);
      }
    this.#before.clear();
    this.#after.clear();
  }
}

function descriptors(): Record<PropertyKey, PropertyDescriptor> {
  return Object.getOwnPropertyDescriptors(window) as Record<PropertyKey, PropertyDescriptor>;
}
