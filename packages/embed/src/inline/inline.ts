import { EmbedError } from '../errors.ts';
import type { Mounted, MountOptions } from '../mount.ts';

/**
 * Draws an app in the page itself, without a frame.
 *
 * @param host - the custom element
 * @throws EmbedError
 */
export async function mountInline(_host: HTMLElement, { url }: MountOptions): Promise<Mounted> {
  throw new EmbedError('not_inline', `The app at ${url.pathname} cannot be shown without a frame.`);
}
