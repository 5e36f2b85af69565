import type { AppAddress } from './address.ts';
import type { Callers } from './callers.ts';
import type { Files } from './files.ts';
import type { Patches } from './patches.ts';

/** Links of the app: what is to be downloaded is asked for with the token, other pages of the app open in a tab. */
export function patchLinks(
  patches: Patches,
  { isApp }: Callers,
  root: ShadowRoot,
  address: AppAddress,
  files: Files,
): void {
  const follow = (link: HTMLAnchorElement): boolean => {
    const href = link.getAttribute('href') ?? '';
    const url = href === '' || href.startsWith('#') ? undefined : address.own(href);
    if (!url) return false;
    if (link.hasAttribute('download')) void download(files, url, link.download);
    else window.open(url, '_blank', 'noopener');
    return true;
  };
  root.addEventListener('click', (event) => {
    const link = event.composedPath().find((node) => node instanceof HTMLAnchorElement);
    if (link && !event.defaultPrevented && follow(link)) event.preventDefault();
  });
  // Links that are clicked by a script often stand nowhere.
  patches.define(HTMLAnchorElement.prototype, 'click', {
    writable: true,
    value(this: HTMLAnchorElement) {
      if (!isApp() || this.isConnected || !follow(this)) HTMLElement.prototype.click.call(this);
    },
  });
}

async function download(files: Files, url: URL, name: string): Promise<void> {
  const link = document.createElement('a');
  link.href = await files.blob(url);
  link.download = name || decodeURIComponent(url.pathname.split('/').at(-1) ?? '');
  link.click();
}
