import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assetReply } from '../../src/http/assets.ts';
import { bothSchemes, contrast, contrastNotes, stylesheetOf } from '../../src/http/pages/colours.ts';
import { deniedPage, errorPage, makeBrand, passwordPage } from '../../src/http/pages/index.ts';
import { TEMPLATES, templateProblems } from '../../src/http/pages/templates.ts';
import { load, problemsOf } from '../config/loading.ts';
import { documentedExample, tree } from './documented.ts';

const BASE = `
providers: { team: { type: password, password: pencil-pencil } }
apps: { sales: { upstream: "http://127.0.0.1:8501" } }
`;
const LOGO = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1 1"><script>alert(1)</script></svg>';

const form = (providerTitle = 'Team') =>
  passwordPage({ providerTitle, action: '/.auth/login/team', returnTo: '/', asksUsername: true });
const colour = fc
  .tuple(fc.nat(255), fc.nat(255), fc.nat(255))
  .map((parts) => `#${parts.map((part) => part.toString(16).padStart(2, '0')).join('')}`);

describe('branding', () => {
  it('is what docs/branding.md shows', async () => {
    const files = documentedExample();
    const cwd = tree({ ...files, 'users.json': '{"ada": "pencil"}' });
    const { settings, notes } = await load({ cwd });
    expect(notes.join()).not.toContain('contrast');
    const brand = makeBrand(settings.branding);
    const page = form().render(brand);
    expect(page).toContain('<title>Sign in · Example Inc.</title>');
    expect(page).toContain('Welcome to Example Inc.');
    expect(page).toContain('name="password"');
    expect(page).not.toContain('{{');
    const [stylesheet = ''] = /\/\.auth\/assets\/brand\.css\?v=[\w-]+/.exec(page) ?? [];
    const css = String(Buffer.from(asset(stylesheet, brand).body as Uint8Array));
    expect(css).toContain('--accent:#7a1f5c');
    expect(css).toContain('.example h1');
  });

  it('lists every placeholder of every template in docs/branding.md', () => {
    const page = readFileSync(new URL('../../../../docs/branding.md', import.meta.url), 'utf8');
    for (const [name, { text, html, needed }] of Object.entries(TEMPLATES)) {
      const row = page.split('\n').find((line) => line.startsWith(`| \`${name}.html\``)) ?? '';
      for (const placeholder of [...text, ...html]) expect(row).toContain(`\`${placeholder}\``);
      for (const placeholder of needed) expect(row).toContain(`**\`${placeholder}\`**`);
    }
  });

  it('leaves our look alone where it says nothing', () => {
    expect(form().render(makeBrand({ colours: {}, templates: {} }))).toBe(form().toString());
  });

  it('sends a logo as what it is, and so that nothing in it runs', async () => {
    const cwd = tree({ 'logo.png': LOGO });
    const { settings } = await load({ cwd, yaml: `${BASE}branding: { logo: ./logo.png }` });
    const brand = makeBrand(settings.branding);
    const reply = asset(brand.logo ?? '', brand);
    const headers = Object.fromEntries(reply.headers);
    expect(headers['content-type']).toBe('image/svg+xml');
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['content-security-policy']).toContain('sandbox');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(form().render(brand)).toContain('alt="Logo"');
  });

  it.each([
    ['a logo that is no picture', { 'logo.svg': '<html></html>' }, 'logo: ./logo.svg', 'branding.logo'],
    [
      'a logo that is too large',
      { 'logo.svg': `<svg>${' '.repeat(262_200)}</svg>` },
      'logo: ./logo.svg',
      'branding.logo',
    ],
    ['a logo that is not there', {}, 'logo: ./logo.svg', 'branding.logo'],
    ['a colour by name', {}, 'colours: { accent: red }', 'branding.colours.accent'],
    [
      'a colour that brings a rule along',
      {},
      'colours: { accent: "#fff}*{display:none" }',
      'branding.colours.accent',
    ],
    ['a folder that is not there', {}, 'templates: ./none', 'branding.templates'],
    ['a folder without templates', { 't/login.html': '' }, 'templates: ./t', 'branding.templates'],
    [
      'a placeholder that does not exist',
      { 't/error.html': '{{title}} {{titel}}' },
      'templates: ./t',
      'branding.templates error.html',
    ],
    [
      'a password page without fields',
      { 't/password.html': '<h1>Hi</h1>' },
      'templates: ./t',
      'branding.templates password.html',
    ],
    ['an unknown key', {}, 'color: { accent: "#fff" }', 'branding.color'],
  ])('%s is a problem of the configuration', async (_, files, yaml, path) => {
    const cwd = tree(files as Record<string, string>);
    const problems = await problemsOf({ cwd, yaml: `${BASE}branding: { ${yaml} }` });
    expect(problems.map((problem) => problem.path)).toEqual([path]);
  });

  it('says which colour some people cannot read', async () => {
    const { notes } = await load({ yaml: `${BASE}branding: { colours: { accent: "#ffdd00" } }` });
    expect(notes.join()).toMatch(/accent #ffdd00 in the light scheme has a contrast of 1\.\d/);
  });
});

describe('colours', () => {
  it('have the contrast that WCAG defines', () => {
    expect(contrast('#000', '#ffffff')).toBeCloseTo(21);
    expect(contrast('#777777', '#ffffff')).toBeCloseTo(4.48, 2);
  });

  it('of one accent can always be read in the dark scheme, as can the text on every accent', () => {
    fc.assert(
      fc.property(colour, (accent) => {
        const shades = bothSchemes(accent);
        expect(contrastNotes({ accent: { light: '#000000', dark: shades.dark } })).toEqual([]);
        for (const shade of [shades.light, shades.dark]) {
          const css = stylesheetOf({ accent: { light: shade, dark: shade } });
          const [, on = '', strong = ''] = /--on-accent:(#\w+);--accent-strong:(#\w+)/.exec(css) ?? [];
          expect(contrast(on, shade)).toBeGreaterThanOrEqual(4.5);
          expect(contrast(on, strong)).toBeGreaterThanOrEqual(contrast(on, shade));
        }
      }),
    );
  });
});

describe('templates', () => {
  it('escape every value, in text and in quoted attributes', () => {
    const brand = makeBrand({
      colours: {},
      templates: {
        denied: '<h1 title="{{ reason }}">{{app_title}}</h1>',
        error: '<a href="{{action_href}}">{{title}}</a>',
      },
    });
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('<', '>', '"', "'", '&', '{', '}', '$', 'a', '`') }),
        (text) => {
          const page = deniedPage({
            appTitle: text,
            who: text,
            reason: text,
            requestId: text,
            switchHref: text,
            homeHref: text,
          }).render(brand);
          const main = /<main>([\s\S]*)<\/main>/.exec(page)?.[1] ?? '';
          expect(main.trim()).toMatch(/^<h1 title="[^<>"]*">[^<>]*<\/h1>$/);
        },
      ),
    );
    const error = errorPage({
      status: 500,
      title: 'x',
      message: 'x',
      requestId: 'x',
      action: { href: 'javascript:alert(1)', label: 'x' },
    });
    expect(error.render(brand)).toContain('<a href="/">');
  });

  it('do not fill in what a value itself brings', () => {
    const brand = makeBrand({ colours: {}, templates: { denied: '{{app_title}}|{{who}}' } });
    const page = deniedPage({
      appTitle: '{{who}}',
      who: 'ada',
      reason: '',
      requestId: '',
      switchHref: '/',
      homeHref: '/',
    }).render(brand);
    expect(page).toContain('{{who}}|ada');
  });

  it('know no inherited placeholders', () => {
    expect(templateProblems('error', '{{title}}{{constructor}}')).toHaveLength(1);
  });
});

function asset(address: string, brand: Parameters<typeof assetReply>[1]) {
  const [path = '', query = ''] = address.split('?');
  return assetReply({ method: 'GET', path, query, header: () => undefined }, brand);
}
