import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { HtmlInsertion } from '../../src/proxy/html-insertion.ts';

const PIECE = '<script src="/x.js"></script>';

/** The document with the piece in it, when it comes in parts that end there. */
function inserted(document: string, cuts: readonly number[] = []): string {
  const bytes = Buffer.from(document);
  const insertion = new HtmlInsertion(Buffer.from(PIECE));
  const out: Buffer[] = [];
  let from = 0;
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    const to = Math.min(cut, bytes.length);
    out.push(insertion.take(bytes.subarray(from, to)));
    from = Math.max(from, to);
  }
  out.push(insertion.take(bytes.subarray(from)), insertion.end());
  return Buffer.concat(out).toString();
}

/** The document and where the piece belongs, marked by `|`. */
const PLACES: readonly (readonly [string, string])[] = [
  ['at the end of the head', '<!doctype html><html><head><title>x</title>|</head><body>y</body></html>'],
  ['in capitals', '<HTML><HEAD>|</HEAD><BODY></BODY></HTML>'],
  ['with space in the tag', '<head>|</head\n ><body>'],
  ['before a body when the head is left open', '<head><meta charset=utf-8>|<body class="a">y'],
  ['before a body when there is no head', '<title>x</title>|<body>y</body>'],
  ['before the end of a body that was never begun', '<p>y|</body>'],
  ['before the end of the document', '<p>y|</html>'],
  ['at the end when no tag says so', '<p>only a piece|'],
  ['in an empty document', '|'],
  ['behind a comment that mentions it', '<head><!-- </head> <body> -->|</head>'],
  ['behind an empty comment', '<head><!-->|</head>'],
  ['behind a script that writes it', '<head><script>var a = "</head><body>";</script>|</head>'],
  ['behind a script that compares', '<head><script>if (a<b && c</d/.test(e)) {}</script>|</head>'],
  ['behind a style, a title and a text area', '<head><style></head></style><title><body></title>|</head>'],
  ['behind a script in capitals', '<head><SCRIPT></head></script >|</head>'],
  ['behind a script whose end only begins so', '<head><script></scripty></head></script>|</head>'],
  ['behind an attribute that holds it', '<head><meta content="</head>" title=\'<body>\'>|</head>'],
  ['behind an attribute with a bare quote', '<head><meta content=a"b>|</head>'],
  ['not at a header or a heading', '<header>a</header><h1>b</h1><headless>|<body>'],
  ['behind a text with a sign', '<head><title>a</title> 1 < 2 </ x>|</head>'],
  ['behind a document type that mentions it', '<!DOCTYPE html SYSTEM "about:legacy"><head>|</head>'],
  ['once, though there are two', '<head>|</head><body></body></head><body>'],
  ['with letters of many bytes', '<head><title>Grüße 🚪</title>|</head><body>🚪</body>'],
];

describe('a script is put into a document', () => {
  test.each(PLACES)('%s', (_name, marked) => {
    const document = marked.replace('|', '');
    expect(inserted(document)).toBe(marked.replace('|', PIECE));
  });

  test('in the same place however the document is cut', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...PLACES),
        fc.array(fc.nat({ max: 160 }), { maxLength: 40 }),
        ([, marked], cuts) => {
          expect(inserted(marked.replace('|', ''), cuts)).toBe(marked.replace('|', PIECE));
        },
      ),
      { numRuns: 2_000 },
    );
  });

  test('in the same place when it comes byte by byte', () => {
    for (const [, marked] of PLACES) {
      const document = marked.replace('|', '');
      expect(inserted(document, [...Buffer.from(document).keys()])).toBe(marked.replace('|', PIECE));
    }
  });

  test('exactly once and without another change, whatever the document is and however it is cut', () => {
    const part = fc.oneof(
      fc.string({ maxLength: 8 }),
      fc.constantFrom(...'<>/"\'=!- '),
      fc.constantFrom(
        '<!--',
        '-->',
        '<script>',
        '</script>',
        '<head>',
        '</head>',
        '<body',
        '<a b="',
        '</',
        '<title>',
      ),
    );
    fc.assert(
      fc.property(
        fc.array(part, { maxLength: 60 }).map((parts) => parts.join('')),
        fc.array(fc.nat({ max: 400 }), { maxLength: 40 }),
        (document, cuts) => {
          const whole = inserted(document);
          const at = whole.indexOf(PIECE);
          expect(whole.slice(0, at) + whole.slice(at + PIECE.length)).toBe(document);
          expect(inserted(document, cuts)).toBe(whole);
        },
      ),
      { numRuns: 3_000 },
    );
  });

  test('without holding back more than a few bytes', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), (text) => {
        const bytes = Buffer.from(text);
        const went = new HtmlInsertion(Buffer.from(PIECE)).take(bytes);
        expect(bytes.length - went.length).toBeLessThanOrEqual(12);
      }),
      { numRuns: 1_000 },
    );
  });
});
