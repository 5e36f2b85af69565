import type { AppType } from '../config/settings.ts';
import type { Argv } from './argv.ts';
import type { LaunchContext, LaunchPlan } from './plan.ts';
import { bokeh } from './presets/bokeh.ts';
import { command } from './presets/command.ts';
import { dash } from './presets/dash.ts';
import { gradio } from './presets/gradio.ts';
import { jupyter, voila } from './presets/jupyter.ts';
import { marimo } from './presets/marimo.ts';
import { panel } from './presets/panel.ts';
import { shiny } from './presets/shiny.ts';
import { streamlit } from './presets/streamlit.ts';

const PRESETS: Readonly<Record<AppType, (argv: Argv, context: LaunchContext) => LaunchPlan>> = {
  streamlit,
  dash,
  panel,
  bokeh,
  gradio,
  shiny,
  jupyter,
  voila,
  marimo,
  command,
};

/**
 * The command, environment and ready check with which an app of this type runs behind the gateway. In every word of the
 * command `{port}`, `{base_path}` and `{public_url}` are filled in.
 *
 * @throws GatewayError `base_path_unsupported` where a framework cannot be served below a path
 */
export function launchPlan(type: AppType, argv: Argv, context: LaunchContext): LaunchPlan {
  const words = argv.map((word) => fillIn(word, context));
  // `NAME=value program …` as one writes it in a shell; there is no shell here.
  const plan = PRESETS[type](/^[A-Za-z_]\w*=/.test(words[0] ?? '') ? ['env', ...words] : words, context);
  return { ...plan, env: { ...gatewayFacts(context), ...plan.env } };
}

function fillIn(word: string, context: LaunchContext): string {
  return word
    .replaceAll('{port}', String(context.port))
    .replaceAll('{base_path}', context.basePath)
    .replaceAll('{public_url}', publicUrl(context));
}

/** Where the app is seen, with which keys and names it can verify an assertion, and how it asks the gateway for more. */
function gatewayFacts(context: LaunchContext): Record<string, string> {
  return {
    PORTICO_BASE_PATH: context.basePath,
    PORTICO_PUBLIC_URL: publicUrl(context),
    PORTICO_ISSUER: context.issuer,
    PORTICO_AUDIENCE: context.name,
    PORTICO_URL: context.gatewayUrl,
    PORTICO_JWKS_URL: `${context.gatewayUrl}/.auth/jwks.json`,
    PORTICO_APP_SECRET: context.credential,
  };
}

function publicUrl(context: LaunchContext): string {
  return context.publicOrigin + (context.basePath === '/' ? '' : context.basePath);
}
