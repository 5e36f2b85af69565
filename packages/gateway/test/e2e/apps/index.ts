import type { RealApp } from '../support/real-app.ts';
import { bokeh } from './bokeh.ts';
import { dash } from './dash.ts';
import { fastapi } from './fastapi.ts';
import { flask } from './flask.ts';
import { gradio } from './gradio.ts';
import { marimo } from './marimo.ts';
import { panel } from './panel.ts';
import { streamlit } from './streamlit.ts';

export const REAL_APPS: readonly RealApp[] = [streamlit, dash, panel, bokeh, gradio, marimo, fastapi, flask];
