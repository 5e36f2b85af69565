import type { Persona } from '../config/settings.ts';
import type { Sealer } from '../session/seal.ts';
import type { SessionStore } from '../session/store.ts';

const PREFIX = 'devidp/people/';
const PURPOSE = 'devidp-people';

/** A persona as it is now. */
export interface DevPerson extends Persona {
  /** Its roles or groups are not those of the configuration. */
  readonly changed: boolean;
  /** Counts how often its tokens were ended; a token of an earlier generation is over. */
  readonly generation: number;
}

type Membership = Pick<Persona, 'roles' | 'groups'>;

interface Kept {
  readonly generation: number;
  /** What a developer made of the persona, and of which configuration: a later configuration counts for more. */
  readonly change?: { readonly from: Membership; readonly to: Membership };
}

/** The made-up people: those of the configuration, and what was changed about them since, kept in the store. */
export class People {
  readonly #personas: readonly Persona[];
  readonly #store: SessionStore;
  readonly #sealer: Sealer;

  constructor(personas: readonly Persona[], store: SessionStore, sealer: Sealer) {
    this.#personas = personas;
    this.#store = store;
    this.#sealer = sealer;
  }

  all(): Promise<readonly DevPerson[]> {
    return Promise.all(this.#personas.map((persona) => this.#now(persona)));
  }

  async find(id: string): Promise<DevPerson | undefined> {
    const persona = this.#personas.find((each) => each.id === id);
    return persona && this.#now(persona);
  }

  /** Other roles and groups from now on; those of the configuration are no change. */
  change(id: string, to: Membership): Promise<void> {
    return this.#update(id, (kept, persona) => {
      const from = membership(persona);
      return isSame(from, to)
        ? { generation: kept.generation }
        : { ...kept, change: { from, to: membership(to) } };
    });
  }

  /** Back to the roles and groups of the configuration. */
  reset(id: string): Promise<void> {
    return this.#update(id, ({ generation }) => ({ generation }));
  }

  /** From now on no token that was issued to this person is good any more. */
  endTokens(id: string): Promise<void> {
    return this.#update(id, (kept) => ({ ...kept, generation: kept.generation + 1 }));
  }

  async #now(persona: Persona): Promise<DevPerson> {
    const { generation, change } = await this.#read(persona.id);
    const changed = change !== undefined && isSame(change.from, membership(persona));
    return { ...persona, ...(changed ? change.to : {}), changed, generation };
  }

  async #update(id: string, change: (kept: Kept, persona: Persona) => Kept): Promise<void> {
    const persona = this.#personas.find((each) => each.id === id);
    if (persona === undefined) return;
    const key = PREFIX + id;
    await this.#store.withLock(key, async () => {
      const kept = Buffer.from(JSON.stringify(change(await this.#read(id), persona)));
      await this.#store.set(key, this.#sealer.seal(PURPOSE, kept, key), Number.POSITIVE_INFINITY);
    });
  }

  async #read(id: string): Promise<Kept> {
    const key = PREFIX + id;
    const sealed = await this.#store.get(key);
    const bytes = sealed && this.#sealer.open(PURPOSE, sealed, key);
    return bytes === undefined ? { generation: 0 } : (JSON.parse(Buffer.from(bytes).toString()) as Kept);
  }
}

function membership({ roles, groups }: Membership): Membership {
  return { roles, groups };
}

function isSame(one: Membership, other: Membership): boolean {
  return JSON.stringify(membership(one)) === JSON.stringify(membership(other));
}
