/** How the app should look, as far as it listens. Colours are CSS colours; the names are those of Streamlit's themes. */
export interface Theme {
  readonly base?: 'light' | 'dark';
  readonly primaryColor?: string;
  readonly backgroundColor?: string;
  readonly secondaryBackgroundColor?: string;
  readonly textColor?: string;
  readonly font?: string;
}

/** Values for the app that are not in its address; anything that JSON can hold. */
export type Parameters = Readonly<Record<string, unknown>>;

/** What the page tells the app's script, at its start and whenever it changes. */
export interface HostSettings {
  readonly theme: Theme;
  readonly parameters: Parameters;
}

const COLOURS = ['primaryColor', 'backgroundColor', 'secondaryBackgroundColor', 'textColor', 'font'] as const;

/** A theme out of what an attribute or a message says; what is not understood is left out. */
export function themeOf(value: unknown): Theme {
  if (value === 'light' || value === 'dark') return { base: value };
  if (typeof value !== 'object' || value === null) return {};
  const given = value as Record<string, unknown>;
  const { base } = given;
  const colours = COLOURS.flatMap((name) => (typeof given[name] === 'string' ? [[name, given[name]]] : []));
  return { ...Object.fromEntries(colours), ...((base === 'light' || base === 'dark') && { base }) };
}

/** Whether something can be the app's parameters. */
export function isParameters(value: unknown): value is Parameters {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
