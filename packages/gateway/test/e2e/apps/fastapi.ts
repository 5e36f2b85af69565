import type { RealApp } from '../support/real-app.ts';

export const fastapi: RealApp = {
  framework: 'fastapi',

  async greets(page, person) {
    await page.getByText(`Welcome, ${person.email}.`).waitFor();
    await page.getByText(/\(token of /).waitFor();
  },

  async use(page) {
    const figures = page.waitForResponse((one) => one.url().endsWith('/figures'));
    await page.getByRole('button', { name: 'Refresh' }).click();
    if ((await figures).status() !== 200) throw new Error('FastAPI gave no figures.');
  },
};
