import { createSignIn, loadSettings } from '../shared/sign-in.js';

const APPS = ['dash', 'streamlit', 'panel'];

const settings = await loadSettings();
const { user, signIn, signOut, getToken } = createSignIn(settings);

/** @param {string} id */
const get = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
const product = get('product');

// The gateway serves the element; a product with a build uses the package @portico/embed.
await import(`${settings.apps}/.auth/embed/portico.js`);

const person = await user();
get('who').textContent = person ? `${person.name} (${person.roles.join(', ')})` : 'Nobody is signed in';
get('sign-in').hidden = person !== undefined;
get('sign-out').hidden = product.hidden = person === undefined;
get('sign-in').onclick = signIn;

if (person) {
  const apps = APPS.map((name) => {
    const app = document.createElement('portico-app');
    app.src = `${settings.apps}/${name}/`;
    app.tokenProvider = getToken;
    app.on('picked', (data) => {
      get('picked').textContent = `${data} in ${name}`;
    });
    product.append(app);
    return app;
  });

  for (const button of document.querySelectorAll('[data-region]'))
    button.addEventListener('click', () => {
      for (const app of apps) app.send('region', /** @type {HTMLElement} */ (button).dataset['region']);
    });

  get('sign-out').onclick = async () => {
    signOut();
    // Closes the apps' sessions and sockets.
    await Promise.allSettled(apps.map((app) => app.end()));
    location.reload();
  };
}
