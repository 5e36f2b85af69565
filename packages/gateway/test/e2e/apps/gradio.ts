import type { RealApp } from '../support/real-app.ts';

export const gradio: RealApp = {
  framework: 'gradio',

  async greets(page, person) {
    await page.getByText(`Welcome, ${person.email}.`).waitFor();
    await page.getByRole('button', { name: 'Measure' }).waitFor();
  },

  async use(page, person) {
    await page.getByLabel('Text', { exact: true }).fill('one two two');
    // The answer comes as server-sent events.
    const events = page.waitForResponse((one) => one.url().includes('/gradio_api/queue/data'));
    await page.getByRole('button', { name: 'Measure' }).click();
    const words = `3 words, 2 different, measured for ${person.email}`;
    await page.waitForFunction(
      `[...document.querySelectorAll('textarea, input')].some((one) => one.value === '${words}')`,
    );
    if (!(await events).headers()['content-type']?.startsWith('text/event-stream'))
      throw new Error('Gradio answered without an event stream.');
  },
};
