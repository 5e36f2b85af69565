import type { RealApp } from '../support/real-app.ts';

const CSV = 'city,people\nAarhus,290598\nGraz,302749\n';

export const streamlit: RealApp = {
  framework: 'streamlit',

  async greets(page, person) {
    await page.getByText(`Welcome, ${person.name}.`).waitFor();
    // `st.user` of an unmodified app.
    await page.getByTestId('stSidebar').getByText(person.email).waitFor();
    await page.getByTestId('stVegaLiteChart').locator('canvas, svg').first().waitFor();
  },

  async use(page) {
    await page.getByRole('combobox', { name: 'Regions' }).click();
    await page.getByRole('option', { name: 'South' }).click();
    await page.getByTestId('stMetric').getByText('South').waitFor();
    await page
      .locator('input[type=file]')
      .setInputFiles({ name: 'cities.csv', mimeType: 'text/csv', buffer: Buffer.from(CSV) });
    await page.getByText('cities.csv: 2 rows, 2 columns').waitFor();
  },
};
