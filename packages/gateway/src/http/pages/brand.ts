import { type Asset, assetAddress, assetOf } from '../asset.ts';
import { type Colours, stylesheetOf } from './colours.ts';
import type { TemplateName } from './templates.ts';

/** What an operator gives for the look of the pages, read and checked. */
export interface Branding {
  /** In the head of every page and in the title of the tab. */
  readonly name?: string;
  readonly logo?: { readonly type: 'image/svg+xml' | 'image/png'; readonly body: Uint8Array };
  readonly colours: Colours;
  /** Rules of their own, behind ours. */
  readonly css?: string;
  readonly templates: Readonly<Partial<Record<TemplateName, string>>>;
}

interface BrandFile extends Asset {
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** The look of the pages: texts, and addresses of the files that go with them. */
export interface Brand {
  readonly name?: string;
  /** Address of the logo. */
  readonly logo?: string;
  readonly stylesheet?: string;
  readonly templates: Readonly<Partial<Record<TemplateName, string>>>;
  /** The files behind these addresses, by their name under the prefix. */
  readonly files: ReadonlyMap<string, BrandFile>;
}

/** The gateway's own look. */
export const PLAIN: Brand = { templates: {}, files: new Map() };

/** A logo opened by itself is a document: it may run nothing and load nothing, whoever drew it. */
const LOGO_POLICY = [
  'content-security-policy',
  "default-src 'none'; style-src 'unsafe-inline'; sandbox",
] as const;

/** The look of the pages from what the operator gave; the gateway’s own where that is nothing. */
export function makeBrand(branding: Branding | undefined): Brand {
  if (branding === undefined) return PLAIN;
  const { name, logo, templates } = branding;
  const files = new Map<string, BrandFile>();
  const add = (file: string, body: Uint8Array, headers: BrandFile['headers']): string => {
    const asset = assetOf(body);
    files.set(file, { ...asset, headers });
    return assetAddress(file, asset);
  };
  const css = stylesheetOf(branding.colours) + (branding.css ?? '');
  return {
    templates,
    files,
    ...(name === undefined ? {} : { name }),
    ...(logo === undefined
      ? {}
      : { logo: add('brand-logo', logo.body, [['content-type', logo.type], LOGO_POLICY]) }),
    ...(css === ''
      ? {}
      : {
          stylesheet: add('brand.css', new TextEncoder().encode(css), [
            ['content-type', 'text/css; charset=utf-8'],
          ]),
        }),
  };
}
