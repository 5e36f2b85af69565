import type { Page } from 'playwright-core';
import type { ExampleName } from '../../../src/demo/examples.ts';
import type { PEOPLE } from './people.ts';

export type Person = (typeof PEOPLE)[keyof typeof PEOPLE];

/** How somebody in front of the browser uses one of the example apps. */
export interface RealApp {
  readonly framework: ExampleName;
  /** The app has drawn everything and greets this person. @throws Error when it does not in time */
  greets(page: Page, person: Person): Promise<void>;
  /** Moves what can be moved; the app's server answers, and the answer is seen. @throws Error when it is not */
  use(page: Page, person: Person): Promise<void>;
}
