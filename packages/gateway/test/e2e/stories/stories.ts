import type { AppType } from '../../../src/config/settings.ts';
import type { Person } from '../support/real-app.ts';

/** An app on its real framework: what it is, and how it behaves when its connection is lost. */
export interface Story {
  readonly name: string;
  readonly type: AppType;
  /** The command, without its first word `NAME=value`s. */
  readonly run: string;
  /** Shiny knows no base path. */
  readonly at?: '/';
  /** It keeps a WebSocket open; the others ask over HTTP each time. */
  readonly socket: boolean;
  /** Its page goes on by itself when the server has been started anew; in the others somebody loads it again. */
  readonly resumes: boolean;
}

/** `told.py` is what they have in common; `APP_PORT` lets them tell where they listen. */
export const STORIES: readonly Story[] = [
  {
    name: 'streamlit',
    type: 'streamlit',
    run: 'streamlit run streamlit_app.py',
    socket: true,
    resumes: true,
  },
  { name: 'dash', type: 'dash', run: 'python dash_app.py', socket: false, resumes: true },
  { name: 'panel', type: 'panel', run: 'panel serve panel_app.py', socket: true, resumes: false },
  { name: 'bokeh', type: 'bokeh', run: 'bokeh serve bokeh_app.py', socket: true, resumes: false },
  { name: 'gradio', type: 'gradio', run: 'python gradio_app.py', socket: false, resumes: true },
  { name: 'shiny', type: 'shiny', run: 'shiny run shiny_app.py', at: '/', socket: true, resumes: false },
  { name: 'marimo', type: 'marimo', run: 'marimo run marimo_app.py', socket: true, resumes: false },
  {
    name: 'fastapi',
    type: 'command',
    run: 'uvicorn fastapi_app:app --port {port}',
    socket: true,
    resumes: true,
  },
  { name: 'flask', type: 'command', run: 'python flask_app.py', socket: false, resumes: true },
];

/** An unmodified app whose framework has a name of its own for who is there. */
export interface Plain {
  readonly name: string;
  readonly type: AppType;
  readonly run: string;
  /** A host of its own beside the gateway's, for Shiny. */
  readonly host?: string;
  /** What it shows of a person. */
  shows(person: Person): string;
}

export const PLAIN: readonly Plain[] = [
  {
    name: 'plain-streamlit',
    type: 'streamlit',
    run: 'streamlit run streamlit_plain.py',
    shows: ({ name, email }) => `${name} (${email}), signed in`,
  },
  {
    name: 'plain-panel',
    type: 'panel',
    run: 'panel serve panel_plain.py',
    shows: ({ name, email }) => `${name} (${email}) analyst,viewer`,
  },
  {
    name: 'plain-shiny',
    type: 'shiny',
    run: 'shiny run shiny_plain.py',
    host: 'plain.localhost',
    shows: ({ email }) => `(${email}) finance`,
  },
];

/** Where the page of an app is, below the gateway's URL. */
export const pathOf = ({ name, at }: Pick<Story, 'name' | 'at'>): string => at ?? `/${name}/`;
