/** Markup that is safe to send: made only by the `html` tag, so text can never pass for it. */
export class Html {
  readonly #markup: string;

  private constructor(markup: string) {
    this.#markup = markup;
  }

  /** The tag below; a static member because only the class may make its instances. */
  static tag(literals: TemplateStringsArray, ...values: readonly Value[]): Html {
    let markup = literals[0] ?? '';
    values.forEach((value, index) => {
      markup += fill(value) + (literals[index + 1] ?? '');
    });
    return new Html(markup);
  }

  /** Markup of the operator's own, with each match of a pattern replaced by what its first group stands for. */
  static filled(markup: string, pattern: RegExp, value: (name: string) => Html): Html {
    return new Html(markup.replace(pattern, (_, name: string) => value(name).toString()));
  }

  toString(): string {
    return this.#markup;
  }
}

/** What a template may hold; `undefined` and `false` leave nothing behind. */
type Value = string | number | Html | undefined | false | readonly Value[];

/**
 * Tagged template for HTML. Every value that is not itself made by this tag is escaped for text and for quoted
 * attributes, so templates quote all attributes and never place a value in a tag name, script or style.
 */
export const html: typeof Html.tag = Html.tag;

function fill(value: Value): string {
  if (value === undefined || value === false) return '';
  if (value instanceof Html) return value.toString();
  if (typeof value === 'string') return escapeText(value);
  if (typeof value === 'number') return String(value);
  return value.map(fill).join('');
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
};

function escapeText(text: string): string {
  return text.replace(/[&<>"'`]/g, (character) => ENTITIES[character] ?? '');
}

/**
 * A link target that cannot run script: an own path or an http(s) address, anything else becomes `/`. Escaping alone
 * would let `javascript:` through.
 */
export function href(target: string): string {
  if (target.startsWith('/') && !/^\/[/\\\t\n\r]/.test(target)) return target;
  return /^https?:\/\//i.test(target) ? target : '/';
}
