import { readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { Branding } from '../http/pages/brand.ts';
import { bothSchemes, type Colours, contrastNotes, isColour } from '../http/pages/colours.ts';
import { TEMPLATES, type TemplateName, templateProblems } from '../http/pages/templates.ts';
import { type Context, readFileAt } from './context.ts';
import { file } from './fields.ts';
import { type Path, readShape } from './shape.ts';

const colour = () =>
  z.string().refine(isColour, {
    message: 'is not a colour',
    params: { fix: 'Write one like "#1d5673", in quotes.' },
  });
const shades = () => z.union([colour(), z.strictObject({ light: colour(), dark: colour() })]);

const coloursSchema = z.strictObject({
  accent: shades()
    .optional()
    .describe('Buttons and links. Of one colour, a lighter one is made for the dark scheme.')
    .meta({ examples: ['#1d5673'] }),
  background: z
    .strictObject({
      light: colour()
        .describe('In the light scheme.')
        .meta({ examples: ['#f5f2eb'] }),
      dark: colour()
        .describe('In the dark scheme.')
        .meta({ examples: ['#11151b'] }),
    })
    .optional()
    .describe('Behind the panel.')
    .meta({ examples: [{ light: '#f5f2eb', dark: '#11151b' }] }),
});

const templateFiles = z.strictObject({
  folder: file()
    .optional()
    .describe('Folder of templates; single files come before it.')
    .meta({ examples: ['./templates'] }),
  ...(Object.fromEntries(
    Object.keys(TEMPLATES).map((name) => [
      name,
      file()
        .optional()
        .describe(`Body of the ${name} page.`)
        .meta({ examples: [`./${name}.html`] }),
    ]),
  ) as Record<TemplateName, z.ZodOptional<z.ZodString>>),
});

export const brandingSchema = z.strictObject({
  name: z
    .string()
    .min(1)
    .max(60)
    .optional()
    .describe('Name at the head of every page and in the title.')
    .meta({ examples: ['Example Inc.'] }),
  logo: file()
    .optional()
    .describe('Logo in place of ours, SVG or PNG.')
    .meta({ examples: ['./logo.svg'] }),
  colours: coloursSchema
    .optional()
    .describe('Colours of the pages.')
    .meta({ examples: [{ accent: '#1d5673' }] }),
  templates: z
    .union([file(), templateFiles])
    .optional()
    .describe('Folder with page bodies of your own, such as password.html, and a style.css for them.')
    .meta({ examples: ['./templates'] }),
});

const LARGEST_LOGO = 256 * 1024;
const PATH = ['branding'] as const;

/** The operator's look, its files read, or `undefined` when there is none. */
export function readBranding(context: Context): Branding | undefined {
  const raw = context.raw['branding'];
  if (raw === undefined) return undefined;
  const read = readShape(brandingSchema, raw, PATH, context.problems);
  const { accent, background } = read.colours ?? {};
  const colours: Colours = {
    ...(accent === undefined
      ? {}
      : { accent: typeof accent === 'string' ? bothSchemes(accent, background) : accent }),
    ...(background === undefined ? {} : { background }),
  };
  context.notes.push(...contrastNotes(colours));
  const logo = read.logo === undefined ? undefined : readLogo(context, read.logo);
  return {
    ...(read.name === undefined ? {} : { name: read.name }),
    ...(logo === undefined ? {} : { logo }),
    colours,
    ...readAllTemplates(context, read.templates),
  };
}

/** By what is in the file and not by its name: a browser is told a type that is true. */
function readLogo(context: Context, name: string): Branding['logo'] {
  const path: Path = [...PATH, 'logo'];
  // Says why when there is no such file.
  if (readFileAt(context, path, name) === undefined) return undefined;
  const body = readFileSync(resolve(context.base, name));
  const isPng = body.subarray(0, 8).equals(Buffer.from('89504e470d0a1a0a', 'hex'));
  const isSvg = /^\s*(?:<\?xml[^>]*>\s*)?(?:<!--[\s\S]*?-->\s*)*(?:<!DOCTYPE[^>]*>\s*)?<svg[\s>]/i.test(
    body.toString('utf8').replace(/^\uFEFF/, ''),
  );
  if (!isPng && !isSvg) context.problems.add(path, 'is neither an SVG nor a PNG', 'Use one of these two.');
  else if (body.length > LARGEST_LOGO)
    context.problems.add(path, 'is larger than 256 KiB', 'Everybody loads it to sign in: make it smaller.');
  else return { type: isPng ? 'image/png' : 'image/svg+xml', body };
  return undefined;
}

function readAllTemplates(
  context: Context,
  given: string | z.output<typeof templateFiles> | undefined,
): Pick<Branding, 'templates' | 'css'> {
  if (given === undefined) return { templates: {} };
  if (typeof given === 'string') return readTemplates(context, given);
  const { folder, ...files } = given;
  const rest = folder === undefined ? { templates: {} } : readTemplates(context, folder);
  const templates: Partial<Record<TemplateName, string>> = { ...rest.templates };
  for (const name of Object.keys(files) as TemplateName[]) {
    const path: Path = [...PATH, 'templates', name];
    const template = readFileAt(context, path, files[name] ?? '');
    if (template === undefined) continue;
    for (const problem of templateProblems(name, template))
      context.problems.add(
        path,
        problem,
        'Portico’s templates hold the body of a page; docs/branding.md explains.',
      );
    templates[name] = template;
  }
  return { ...rest, templates };
}

/** Every template is optional; a folder without any is a mistake. */
function readTemplates(context: Context, folder: string): Pick<Branding, 'templates' | 'css'> {
  const path: Path = [...PATH, 'templates'];
  const base = resolve(context.base, folder);
  if (!statSync(base, { throwIfNoEntry: false })?.isDirectory()) {
    context.problems.add(path, `${base} is not a folder`, 'Name the folder that holds the templates.');
    return { templates: {} };
  }
  const templates: Partial<Record<TemplateName, string>> = {};
  for (const name of Object.keys(TEMPLATES) as TemplateName[]) {
    const template = optional(context, path, join(base, `${name}.html`));
    if (template === undefined) continue;
    for (const problem of templateProblems(name, template))
      context.problems.add(`${path.join('.')} ${name}.html`, problem, 'Correct the template.');
    templates[name] = template;
  }
  const css = optional(context, path, join(base, 'style.css'));
  if (css === undefined && Object.keys(templates).length === 0)
    context.problems.add(
      path,
      `${base} holds no template`,
      `Templates are called ${Object.keys(TEMPLATES).join('.html, ')}.html, and style.css.`,
    );
  return { templates, ...(css === undefined ? {} : { css }) };
}

function optional(context: Context, path: Path, name: string): string | undefined {
  return statSync(name, { throwIfNoEntry: false }) === undefined
    ? undefined
    : readFileAt(context, path, name);
}
