// Templates are compiled in the browser here; `ng build` compiles them beforehand, with the same components.
import '@angular/compiler';
import '@portico/embed';
import { provideZonelessChangeDetection } from '@angular/core';
import { bootstrapApplication } from '@angular/platform-browser';
import { createSignIn, loadSettings } from '../shared/sign-in.js';
import { ACCOUNT, SETTINGS, Shop } from './shop.ts';

const settings = await loadSettings();
const account = createSignIn(settings);
await bootstrapApplication(Shop, {
  providers: [
    provideZonelessChangeDetection(),
    { provide: SETTINGS, useValue: settings },
    { provide: ACCOUNT, useValue: { ...account, person: await account.user() } },
  ],
});
