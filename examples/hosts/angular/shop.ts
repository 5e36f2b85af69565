import {
  Component,
  CUSTOM_ELEMENTS_SCHEMA,
  type ElementRef,
  InjectionToken,
  inject,
  type QueryList,
  signal,
  ViewChildren,
} from '@angular/core';
import type { PorticoAppElement } from '@portico/embed';
import type { createSignIn, Settings, User } from '../shared/sign-in.js';
import { Listen } from './listen.ts';

type Account = ReturnType<typeof createSignIn> & { readonly person: User | undefined };

export const SETTINGS = new InjectionToken<Settings>('settings');
export const ACCOUNT = new InjectionToken<Account>('account');

@Component({
  selector: 'shop-root',
  imports: [Listen],
  schemas: [CUSTOM_ELEMENTS_SCHEMA],
  template: `
    <header>
      <h1>Shop</h1>
      @if (person(); as user) {
        <span id="who">{{ user.name }} ({{ user.roles.join(', ') }})</span>
        <button (click)="signOut()">Sign out</button>
      } @else {
        <span id="who">Nobody is signed in</span>
        <button (click)="account.signIn()">Sign in</button>
      }
    </header>
    @if (person()) {
      <main>
        <div>
          Region:
          @for (region of regions; track region) {
            <button (click)="choose(region)">{{ region }}</button>
          }
        </div>
        <p>Picked in an app: <output id="picked">{{ picked() }}</output></p>
        @for (name of names; track name) {
          <portico-app
            #app
            [src]="settings.apps + '/' + name + '/'"
            [tokenProvider]="account.getToken"
            listen="picked"
            (heard)="picked.set($event + ' in ' + name)"
          ></portico-app>
        }
      </main>
    }
  `,
})
export class Shop {
  readonly settings = inject(SETTINGS);
  readonly account = inject(ACCOUNT);
  readonly names = ['dash', 'streamlit', 'panel'];
  readonly regions = ['North', 'South'];
  readonly person = signal(this.account.person);
  readonly picked = signal('nothing yet');

  @ViewChildren('app') readonly apps!: QueryList<ElementRef<PorticoAppElement>>;

  choose(region: string): void {
    for (const { nativeElement } of this.apps) nativeElement.send('region', region);
  }

  async signOut(): Promise<void> {
    this.account.signOut();
    // Closes the apps' sessions and sockets.
    await Promise.allSettled(this.apps.map(({ nativeElement }) => nativeElement.end()));
    this.person.set(undefined);
  }
}
