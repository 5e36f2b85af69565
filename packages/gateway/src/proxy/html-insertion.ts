/**
 * Puts a few bytes into an HTML document on its way: before the end of its head, or where its body begins or the document
 * ends when the head has no end of its own. So it is always there exactly once, and the length is known beforehand.
 *
 * `</head>` also stands in comments and scripts (HTML Living Standard section 13.2.5): in those it is not the end of the head, and
 * a script put there would break the page's own.
 */
export class HtmlInsertion {
  readonly #piece: Buffer;
  #state: State = 'text';
  /** Name of the element whose text is being skipped, or begins at the next `>`. */
  #raw: string | undefined;
  #quote = 0;
  /** Last byte of a tag that is no white space: a quote opens a value only behind `=`. */
  #before = 0;
  /** Undecided: the beginning of a tag or of the end of something. */
  #held: Buffer = EMPTY;
  #done = false;

  constructor(piece: Buffer) {
    this.#piece = piece;
  }

  /** What can go on now; maybe nothing yet. A few bytes at most wait for the next call. */
  take(chunk: Buffer): Buffer {
    if (this.#done) return chunk;
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    const at = this.#scan(bytes);
    if (!this.#done) {
      // A copy: a view would keep the whole chunk in memory.
      this.#held = Buffer.from(bytes.subarray(at));
      return bytes.subarray(0, at);
    }
    this.#held = EMPTY;
    return Buffer.concat([bytes.subarray(0, at), this.#piece, bytes.subarray(at)]);
  }

  /** What is left at the end of the document. */
  end(): Buffer {
    if (this.#done) return EMPTY;
    this.#done = true;
    return Buffer.concat([this.#held, this.#piece]);
  }

  /** @returns up to where all is decided; where the piece belongs once it is `#done` */
  #scan(bytes: Buffer): number {
    let at = 0;
    while (at < bytes.length) {
      const next = this.#step(bytes, at);
      if (next === WAIT) return at;
      at = next;
    }
    return at;
  }

  /**
   * Reads one thing that begins at `at`.
   *
   * @returns where the next begins; `WAIT` when what is here cannot be told yet, or when the piece goes here
   */
  #step(bytes: Buffer, at: number): number {
    switch (this.#state) {
      case 'text': {
        const open = bytes.indexOf(LESS, at);
        if (open < 0) return bytes.length;
        return open > at ? open : this.#tag(bytes, open);
      }
      case 'tag':
        return this.#throughTag(bytes, at);
      case 'comment':
        return this.#through(bytes, at, '-->');
      case 'declaration':
        return this.#through(bytes, at, '>');
      case 'raw':
        return this.#throughRaw(bytes, at);
    }
  }

  /** At a `<`. */
  #tag(bytes: Buffer, at: number): number {
    const text = bytes.toString('latin1', at, at + LONGEST_NAME).toLowerCase();
    const [, slash = '', name = ''] = NAME.exec(text) ?? [];
    // Not behind the dashes: `<!-->` is a whole comment.
    if (text.startsWith('<!--')) return this.#enter('comment', at + 2);
    const whole = 1 + slash.length + name.length;
    const cut = at + LONGEST_NAME > bytes.length;
    if (cut && (whole === text.length || text === '</' || '<!--'.startsWith(text))) return WAIT;
    if (/^<[!?/]/.test(text) && name === '') return this.#enter('declaration', at + 2);
    if (name === '') return this.#enter('text', at + 1);
    if (END_OF_HEAD.has(slash + name)) {
      this.#done = true;
      return WAIT;
    }
    this.#raw = slash === '' && RAW.has(name) ? name : undefined;
    this.#quote = 0;
    this.#before = 0;
    return this.#enter('tag', at + whole);
  }

  #throughTag(bytes: Buffer, from: number): number {
    for (let at = from; at < bytes.length; at++) {
      const byte = bytes[at] as number;
      if (this.#quote !== 0) {
        if (byte === this.#quote) this.#quote = 0;
      } else if ((byte === DOUBLE || byte === SINGLE) && this.#before === EQUALS) this.#quote = byte;
      else if (byte === GREATER) return this.#enter(this.#raw === undefined ? 'text' : 'raw', at + 1);
      if (byte > SPACE) this.#before = byte;
    }
    return bytes.length;
  }

  #through(bytes: Buffer, from: number, end: string): number {
    const at = bytes.indexOf(end, from, 'latin1');
    if (at >= 0) return this.#enter('text', at + end.length);
    const decided = Math.max(from, bytes.length - end.length + 1);
    return decided > from ? decided : WAIT;
  }

  #throughRaw(bytes: Buffer, from: number): number {
    const open = bytes.indexOf('</', from, 'latin1');
    if (open < 0) {
      const decided = bytes[bytes.length - 1] === LESS ? bytes.length - 1 : bytes.length;
      return decided > from ? decided : WAIT;
    }
    if (open > from) return open;
    const name = this.#raw as string;
    const text = bytes.toString('latin1', open + 2, open + 2 + name.length + 1).toLowerCase();
    if (text.length <= name.length && name.startsWith(text)) return WAIT;
    if (!text.startsWith(name) || !DELIMITER.test(text[name.length] as string)) return open + 2;
    this.#raw = undefined;
    this.#quote = 0;
    this.#before = 0;
    return this.#enter('tag', open + 2 + name.length);
  }

  #enter(state: State, at: number): number {
    this.#state = state;
    return at;
  }
}

type State = 'text' | 'tag' | 'comment' | 'declaration' | 'raw';

const WAIT = -1;
const EMPTY: Buffer = Buffer.alloc(0);
const [LESS, GREATER, EQUALS, DOUBLE, SINGLE, SPACE] = [0x3c, 0x3e, 0x3d, 0x22, 0x27, 0x20] as const;
/** Characters; a longer name means nothing to us. */
const LONGEST_NAME = 12;
const NAME = /^<(\/?)([a-z][^\s/>]*)/;
const DELIMITER = /[\s/>]/;
/** Elements whose text holds no tags. */
const RAW = new Set(['script', 'style', 'title', 'textarea', 'xmp', 'iframe', 'noembed', 'noframes']);
const END_OF_HEAD = new Set(['/head', 'body', '/body', '/html']);
