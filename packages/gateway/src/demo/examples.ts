import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AppType } from '../config/settings.ts';
import { GatewayError } from '../core/errors.ts';

/** The frameworks that have an example app below a path of the demo. Shiny wants a host of its own. */
export const EXAMPLES = [
  'streamlit',
  'dash',
  'panel',
  'bokeh',
  'gradio',
  'marimo',
  'fastapi',
  'flask',
] as const;
export type ExampleName = (typeof EXAMPLES)[number];

/** What a person would type beside the example, and what the launcher says of it. */
export const EXAMPLE_APPS: Readonly<
  Record<
    ExampleName,
    {
      type: AppType;
      run: readonly string[];
      title: string;
      description: string;
      packages: readonly string[];
    }
  >
> = {
  streamlit: {
    type: 'streamlit',
    run: ['streamlit', 'run', 'app.py'],
    title: 'Sales explorer',
    description: 'Streamlit: regions, weeks and an upload',
    packages: ['streamlit', 'pandas', 'numpy'],
  },
  dash: {
    type: 'dash',
    run: ['python', 'app.py'],
    title: 'Air quality board',
    description: 'Dash: a chart drawn by callbacks',
    packages: ['dash', 'plotly', 'pandas', 'numpy'],
  },
  panel: {
    type: 'panel',
    run: ['panel', 'serve', 'app.py'],
    title: 'Wave mixer',
    description: 'Panel: two sliders and a wave',
    packages: ['panel', 'bokeh', 'numpy'],
  },
  bokeh: {
    type: 'bokeh',
    run: ['bokeh', 'serve', 'app.py'],
    title: 'Distribution explorer',
    description: 'Bokeh: twenty thousand samples',
    packages: ['bokeh', 'numpy'],
  },
  gradio: {
    type: 'gradio',
    run: ['python', 'app.py'],
    title: 'Text measurer',
    description: 'Gradio: a function with a page around it',
    packages: ['gradio'],
  },
  marimo: {
    type: 'marimo',
    run: ['marimo', 'run', 'app.py'],
    title: 'Compound interest',
    description: 'marimo: a notebook that runs as an app',
    packages: ['marimo'],
  },
  fastapi: {
    type: 'command',
    run: ['uvicorn', 'app:app'],
    title: 'Status page',
    description: 'FastAPI: a page and a little JSON',
    packages: ['fastapi', 'uvicorn'],
  },
  flask: {
    type: 'command',
    run: ['flask', 'run'],
    title: 'Guest book',
    description: 'Flask: a form and what people wrote',
    packages: ['Flask'],
  },
};

export function isExample(name: string): name is ExampleName {
  return (EXAMPLES as readonly string[]).includes(name);
}

/**
 * The repository's root, seen from `src/demo` and from `dist/demo` alike.
 *
 * @throws GatewayError `examples_not_found` in an installed package, which does not carry the examples
 */
export function repositoryRoot(): string {
  const root = fileURLToPath(new URL('../../../../', import.meta.url));
  if (existsSync(join(root, 'examples', 'requirements.txt'))) return root;
  throw new GatewayError(
    'examples_not_found',
    500,
    '--with runs the example apps of the repository, which the npm package does not contain. ' +
      'Clone the repository and use `npm start -- --with …`, or start an app of your own: portico serve --dev -- streamlit run app.py',
  );
}
