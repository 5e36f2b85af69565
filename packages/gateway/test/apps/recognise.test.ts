import { describe, expect, test } from 'vitest';
import { recognise } from '../../src/apps/recognise.ts';

const FILES: Record<string, string> = {
  'dash_app.py': 'import pandas as pd\nfrom dash import Dash, html\n',
  'gr.py': '"""Not dash."""\nimport gradio as gr\n',
  'pn.py': 'import numpy\nimport panel as pn\npn.serve(1)\n',
  'st.py': 'import streamlit as st\n',
  'plain.py': '# import dash would be nice\nimport flask\nimport dashing\n',
  'pkg/web.py': '    from dash import Dash\n',
  'main.py': 'from fastapi import FastAPI\n',
};
const read = (path: string) => FILES[path];

describe('a framework is recognised from its command', () => {
  test.each([
    ['streamlit run app.py', 'streamlit'],
    ['streamlit run app.py --server.port 1 -- --mine', 'streamlit'],
    ['streamlit hello', 'streamlit'],
    ['/opt/venv/bin/streamlit run app.py', 'streamlit'],
    ['python -m streamlit run app.py', 'streamlit'],
    ['python3.12 -X dev -m streamlit run app.py', 'streamlit'],
    ['panel serve app.py', 'panel'],
    ['python -m panel serve app.ipynb --show', 'panel'],
    ['bokeh serve app', 'bokeh'],
    ['python dash_app.py', 'dash'],
    ['python -u dash_app.py --flag', 'dash'],
    ['python3 gr.py', 'gradio'],
    ['python pn.py', 'panel'],
    ['python st.py', 'streamlit'],
    ['gradio app.py', 'gradio'],
    ['shiny run app.py', 'shiny'],
    ['jupyter lab', 'jupyter'],
    ['jupyter notebook --no-browser', 'jupyter'],
    ['jupyter-lab', 'jupyter'],
    ['voila report.ipynb', 'voila'],
    ['marimo run notebook.py', 'marimo'],
    ['marimo edit', 'marimo'],
    ['gunicorn -w 4 dash_app:server', 'dash'],
    ['uvicorn pkg.web:app --reload', 'dash'],
    ['PORT=1 streamlit run app.py', 'streamlit'],
    ['env A=b C=d bokeh serve app', 'bokeh'],
    ['uv run streamlit run app.py', 'streamlit'],
    ['uv run --with pandas --python 3.12 python dash_app.py', 'dash'],
    ['poetry run panel serve app.py', 'panel'],
    ['conda run -n science --no-capture-output gradio app.py', 'gradio'],
    ['pixi run python -m bokeh serve app', 'bokeh'],
  ])('%s is %s', (line, type) => {
    expect(recognise(line.split(' '), read)).toBe(type);
  });

  test.each([
    'python plain.py',
    'python missing.py',
    'python',
    'uvicorn main:app',
    'gunicorn missing:app',
    'streamlit config show',
    'bokeh json app.py',
    'jupyter nbconvert a.ipynb',
    'node server.js',
    'uv run pytest',
    'uv sync',
    'echo streamlit run app.py',
    '',
  ])('%s is a plain command', (line) => {
    expect(recognise(line.split(' '), read)).toBe('command');
  });
});
