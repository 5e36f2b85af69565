import { createRoot } from 'react-dom/client';
import { createSignIn, loadSettings } from '../shared/sign-in.js';
import { Shop } from './shop.tsx';

const settings = await loadSettings();
const account = createSignIn(settings);
const root = createRoot(document.getElementById('root') as HTMLElement);
root.render(<Shop apps={settings.apps} account={account} person={await account.user()} />);
