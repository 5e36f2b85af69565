import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, isAbsolute, join, resolve } from 'node:path';

/** Finds a program the way a shell does, so that a missing one is a clear sentence and not a failed spawn. */
export function findExecutable(program: string, cwd: string, path: string | undefined): string | undefined {
  const windows = process.platform === 'win32';
  const endings = windows ? ['', '.exe', '.cmd', '.bat'] : [''];
  const folders =
    program.includes('/') || (windows && program.includes('\\')) ? [''] : (path ?? '').split(delimiter);
  for (const folder of folders) {
    for (const ending of endings) {
      const candidate = isAbsolute(program) ? program + ending : resolve(cwd, join(folder, program + ending));
      if (isExecutable(candidate)) return candidate;
    }
  }
  return undefined;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

/** What to say, and to do, when a program of this name is missing. */
export function notFound(program: string): string {
  return /^(?:streamlit|panel|bokeh|gradio|shiny|jupyter\S*|voila|marimo|uvicorn|gunicorn|python[\d.]*)$/.test(
    program,
  )
    ? `${program}: not found. Is the virtual environment active?`
    : `${program}: not found. Check the spelling and the PATH.`;
}
