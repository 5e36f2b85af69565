import { bokeh } from './bokeh.ts';
import { dash } from './dash.ts';
import type { Doors } from './door.ts';
import { gradio } from './gradio.ts';
import { panel } from './panel.ts';
import { streamlit } from './streamlit.ts';

export const ALL_DOORS: readonly Doors[] = [streamlit, dash, panel, bokeh, gradio];
