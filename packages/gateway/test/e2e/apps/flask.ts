import type { RealApp } from '../support/real-app.ts';

export const flask: RealApp = {
  framework: 'flask',

  async greets(page, person) {
    await page.getByText(`Welcome, ${person.email}.`).waitFor();
    await page.getByText(/\(token of /).waitFor();
  },

  async use(page, person) {
    await page.getByRole('textbox').fill('I was here');
    await page.getByRole('button', { name: 'Write' }).click();
    await page.getByText(`I was here (${person.name})`).first().waitFor();
    await page.getByText(/\(token of /).waitFor();
  },
};
