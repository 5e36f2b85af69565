import type { RealApp } from '../support/real-app.ts';

/** The plot is drawn on a canvas; what the server sent for it is in the document's models. */
const TITLES = `[...Bokeh.documents[0]._all_models.values()].filter((m) => m.type === 'Title').map((m) => m.text)`;

export const panel: RealApp = {
  framework: 'panel',

  async greets(page, person) {
    await page.getByText(`Welcome, ${person.email}.`).waitFor();
    await page.waitForFunction(`${TITLES}.includes('2.0 Hz')`);
    await page.locator('.bk-Canvas canvas').first().waitFor();
  },

  async use(page) {
    await page.locator('.noUi-handle').first().press('ArrowRight');
    await page.waitForFunction(`${TITLES}.includes('2.1 Hz')`);
  },
};
