import type { RealApp } from '../support/real-app.ts';

export const marimo: RealApp = {
  framework: 'marimo',

  async greets(page, person) {
    await page.getByText(`Welcome, ${person.email}.`).waitFor();
    await page.getByText(/become 1,480\.24 €/).waitFor();
    await page.getByText(/\(token of /).waitFor();
  },

  async use(page) {
    await page.getByRole('slider').last().focus();
    await page.keyboard.press('ArrowRight');
    await page.getByText(/become 1,539\.45 €/).waitFor();
  },
};
