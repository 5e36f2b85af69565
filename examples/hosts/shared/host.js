// The page of a product whose server asks for the apps' one-time codes. No token ever comes to the browser.

/** @typedef {import('@portico/embed').PorticoAppElement} App */

const main = document.querySelector('main');
const apps = /** @type {NodeListOf<App>} */ (document.querySelectorAll('portico-app'));

await customElements.whenDefined('portico-app');

for (const app of apps)
  app.on('picked', (data) => {
    const picked = document.getElementById('picked');
    if (picked) picked.textContent = `${data} in ${app.app}`;
  });

for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll('[data-region]')))
  button.onclick = () => {
    for (const app of apps) app.send('region', button.dataset['region']);
  };

/** The server renews the apps' sessions while this page is open and the person is signed in. */
async function renew() {
  const body = new URLSearchParams({ page: main?.dataset['page'] ?? '' });
  const { status } = await fetch('/renew', { method: 'POST', body });
  if (status === 401) location.reload();
}

if (main) setInterval(() => renew().catch(() => {}), Number(main.dataset['renew']) * 1000);
