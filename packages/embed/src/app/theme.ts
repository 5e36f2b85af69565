import type { Theme } from '../settings.ts';

const PROPERTIES: Readonly<Record<Exclude<keyof Theme, 'base'>, string>> = {
  primaryColor: '--portico-primary-color',
  backgroundColor: '--portico-background-color',
  secondaryBackgroundColor: '--portico-secondary-background-color',
  textColor: '--portico-text-color',
  font: '--portico-font',
};

/** Offers the page's theme to the app's style sheets: custom properties, an attribute and the colour scheme. */
export function applyTheme(theme: Theme, root: HTMLElement = document.documentElement): void {
  for (const [name, property] of Object.entries(PROPERTIES)) {
    const value = theme[name as keyof typeof PROPERTIES];
    if (value === undefined) root.style.removeProperty(property);
    else root.style.setProperty(property, value);
  }
  if (theme.base === undefined) {
    delete root.dataset['porticoTheme'];
    root.style.removeProperty('color-scheme');
  } else {
    root.dataset['porticoTheme'] = theme.base;
    root.style.colorScheme = theme.base;
  }
}
