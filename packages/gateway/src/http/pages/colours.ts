/** `#rgb` or `#rrggbb`. */
type Colour = string;

interface Shades {
  readonly light: Colour;
  readonly dark: Colour;
}

/** Colours of the operator's; what is absent stays ours. */
export interface Colours {
  /** Buttons, links and the ring around what has the focus. */
  readonly accent?: Shades;
  /** Behind the panel. */
  readonly background?: Shades;
}

type Rgb = readonly [red: number, green: number, blue: number];
type Scheme = keyof Shades;

/** Texts and grounds of portico.css that an operator's colour meets. */
const OURS = {
  light: { panel: '#fffefb', ground: '#f5f2eb', soft: '#595f69', ink: '#21262e' },
  dark: { panel: '#1a2029', ground: '#11151b', soft: '#aaaeb6', ink: '#ebe8e1' },
} as const;
const SCHEMES: readonly Scheme[] = ['light', 'dark'];
/** WCAG 2.2, success criterion 1.4.3 (level AA): contrast of text to its ground. */
const AA = 4.5;

/** Whether a text is a colour as the configuration takes it: `#rgb` or `#rrggbb`. */
export function isColour(text: string): boolean {
  return /^#(?:[0-9a-f]{3}|[0-9a-f]{6})$/i.test(text);
}

/** Contrast of two colours, 1 to 21 (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio). */
export function contrast(a: Colour, b: Colour): number {
  const [high, low] = [luminance(rgb(a)), luminance(rgb(b))].sort((x, y) => y - x) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

/** One accent for both schemes: the dark one is made lighter until it can be read there. */
export function bothSchemes(accent: Colour, background?: Shades): Shades {
  let dark = accent;
  const panel = panelOf('dark', background?.dark);
  for (let share = 0.1; share <= 1 && contrast(dark, panel) < AA; share += 0.1)
    dark = mix(accent, '#ffffff', share);
  return { light: accent, dark };
}

/** A dark panel takes the tone of what lies behind it; a light one is paper on any ground. */
function panelOf(scheme: Scheme, background: Colour | undefined): Colour {
  const { panel, ink } = OURS[scheme];
  return scheme === 'light' || background === undefined ? panel : mix(background, ink, 0.05);
}

/** One sentence for each colour that some people cannot read. */
export function contrastNotes(colours: Colours): string[] {
  return SCHEMES.flatMap((scheme) => {
    const { ground, soft } = OURS[scheme];
    const accent = colours.accent?.[scheme];
    const background = colours.background?.[scheme];
    return [
      ...tooWeak(`The accent ${accent} in the ${scheme} scheme`, accent, panelOf(scheme, background)),
      ...tooWeak(`Text on the background ${background} in the ${scheme} scheme`, background, soft),
      ...tooWeak(
        `The accent ${accent} on the background in the ${scheme} scheme`,
        accent,
        background ?? ground,
      ),
    ];
  });
}

function tooWeak(what: string, colour: Colour | undefined, against: Colour): string[] {
  if (colour === undefined) return [];
  const ratio = contrast(colour, against);
  return ratio >= AA
    ? []
    : [`${what} has a contrast of ${ratio.toFixed(1)}; 4.5 is what everybody can read.`];
}

/** The custom properties of portico.css that follow from the operator's colours. */
export function stylesheetOf(colours: Colours): string {
  const rules = (scheme: Scheme): string => {
    const { ink } = OURS[scheme];
    const accent = colours.accent?.[scheme];
    const background = colours.background?.[scheme];
    const panel = panelOf(scheme, background);
    const lines: string[] = [];
    if (accent !== undefined) {
      const onAccent = contrast(accent, '#ffffff') >= contrast(accent, '#000000') ? '#ffffff' : '#000000';
      lines.push(`--accent:${accent}`, `--on-accent:${onAccent}`);
      // Away from the text on it, so that hovering never takes contrast away.
      lines.push(`--accent-strong:${mix(accent, onAccent === '#ffffff' ? '#000000' : '#ffffff', 0.25)}`);
      lines.push(`--tint:${mix(panel, accent, 0.06)}`);
    }
    if (background !== undefined)
      lines.push(`--ground:${background}`, `--stone:${mix(background, ink, 0.05)}`, `--panel:${panel}`);
    return lines.length === 0 ? '' : `:root{${lines.join(';')}}\n`;
  };
  const dark = rules('dark');
  return rules('light') + (dark === '' ? '' : `@media (prefers-color-scheme: dark){${dark.trim()}}\n`);
}

function rgb(colour: Colour): Rgb {
  const digits = colour.slice(1);
  const full = digits.length === 3 ? [...digits].map((digit) => digit + digit).join('') : digits;
  const at = (index: number): number => Number.parseInt(full.slice(index, index + 2), 16);
  return [at(0), at(2), at(4)];
}

/** https://www.w3.org/TR/WCAG22/#dfn-relative-luminance */
function luminance(colour: Rgb): number {
  const [red, green, blue] = colour.map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function mix(from: Colour, to: Colour, share: number): Colour {
  const goal = rgb(to);
  const parts = rgb(from).map((value, index) => Math.round(value + ((goal[index] ?? 0) - value) * share));
  return `#${parts.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}
