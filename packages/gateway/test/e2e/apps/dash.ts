import type { RealApp } from '../support/real-app.ts';

export const dash: RealApp = {
  framework: 'dash',

  async greets(page, person) {
    await page.locator('#who').getByText(person.email, { exact: true }).waitFor();
    await page.getByText(`180 readings, drawn for ${person.email}`).waitFor();
    await page.locator('#chart .trace').first().waitFor();
  },

  async use(page, person) {
    await page.locator('#cities').click();
    await page.getByRole('option', { name: 'Porto' }).click();
    await page.getByText(`270 readings, drawn for ${person.email}`).waitFor();
  },
};
