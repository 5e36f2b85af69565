import type { RealApp } from '../support/real-app.ts';

/** How many bars the server counted. */
const BARS = `[...Bokeh.documents[0]._all_models.values()].find((m) => m.type === 'ColumnDataSource').data.top.length`;

export const bokeh: RealApp = {
  framework: 'bokeh',

  async greets(page, person) {
    await page.getByText(`Welcome, ${person.email}.`).waitFor();
    await page.waitForFunction(`${BARS} === 40`);
    await page.locator('.bk-Canvas canvas').first().waitFor();
  },

  async use(page) {
    await page.locator('.noUi-handle').nth(1).press('ArrowRight');
    await page.waitForFunction(`${BARS} === 45`);
  },
};
