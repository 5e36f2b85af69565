import type { PorticoAppElement } from '@portico/embed';
import { useRef, useState } from 'react';
import type { createSignIn, User } from '../shared/sign-in.js';
import { DataApp } from './data-app.tsx';

const APPS = ['dash', 'streamlit', 'panel'];
const REGIONS = ['North', 'South'];

interface ShopProps {
  /** The gateway. */
  readonly apps: string;
  readonly account: ReturnType<typeof createSignIn>;
  readonly person: User | undefined;
}

export function Shop({ apps, account, person }: ShopProps) {
  const [signedIn, setSignedIn] = useState(person);
  const [picked, setPicked] = useState('nothing yet');
  const elements = useRef(new Set<PorticoAppElement>());

  const signOut = async () => {
    account.signOut();
    // Closes the apps' sessions and sockets.
    await Promise.allSettled([...elements.current].map((element) => element.end()));
    setSignedIn(undefined);
  };
  const keep = (element: PorticoAppElement) => {
    elements.current.add(element);
    return () => void elements.current.delete(element);
  };

  return (
    <>
      <header>
        <h1>Shop</h1>
        <span id="who">
          {signedIn ? `${signedIn.name} (${signedIn.roles.join(', ')})` : 'Nobody is signed in'}
        </span>
        {signedIn ? (
          <button type="button" onClick={signOut}>
            Sign out
          </button>
        ) : (
          <button type="button" onClick={account.signIn}>
            Sign in
          </button>
        )}
      </header>
      {signedIn && (
        <main>
          <div>
            Region:{' '}
            {REGIONS.map((region) => (
              <button
                key={region}
                type="button"
                onClick={() => {
                  for (const element of elements.current) element.send('region', region);
                }}
              >
                {region}
              </button>
            ))}
          </div>
          <p>
            Picked in an app: <output id="picked">{picked}</output>
          </p>
          {APPS.map((name) => (
            <DataApp
              key={name}
              src={`${apps}/${name}/`}
              getToken={account.getToken}
              onPicked={(region) => setPicked(`${region} in ${name}`)}
              onElement={keep}
            />
          ))}
        </main>
      )}
    </>
  );
}
