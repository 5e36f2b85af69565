/** Streamlit scrolls inside its page, which is always as high as the window: this is what stands in it. */
const INNER = '[data-testid="stMainBlockContainer"]';
/** How often content may outgrow the frame that was made for it, before it is known to grow with the frame. */
const PATIENCE = 3;

function contentHeight(): number {
  const inner = document.querySelector<HTMLElement>(INNER);
  const { documentElement: root, body } = document;
  if (inner) return inner.offsetTop + inner.offsetHeight;
  // The root's own box shrinks with its content; what overflows it counts as well.
  const overflow = root.scrollHeight > root.clientHeight ? root.scrollHeight : 0;
  return Math.ceil(Math.max(root.getBoundingClientRect().height, body?.offsetHeight ?? 0, overflow));
}

/**
 * Tells how high the content is, at the start and whenever that changes.
 *
 * @returns ends it
 */
export function reportHeight(report: (height: number) => void): () => void {
  let last = 0;
  let outgrown = 0;
  const measure = (): void => {
    const height = contentHeight();
    if (height === last || height === 0) return;
    // Content as high as the window and a margin more would grow for ever.
    outgrown = height > window.innerHeight && window.innerHeight === last ? outgrown + 1 : 0;
    if (outgrown > PATIENCE) return;
    last = height;
    report(height);
  };
  const sizes = new ResizeObserver(measure);
  const watch = (): void => {
    for (const element of [document.documentElement, document.body, document.querySelector(INNER)])
      if (element) sizes.observe(element);
    measure();
  };
  // Frameworks draw long after the page has loaded.
  const changes = new MutationObserver(watch);
  changes.observe(document, { childList: true, subtree: true });
  watch();
  return () => {
    sizes.disconnect();
    changes.disconnect();
  };
}
