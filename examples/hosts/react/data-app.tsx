import type { PorticoAppElement, TokenProvider } from '@portico/embed';
import '@portico/embed';
import type { Ref } from 'react';

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements {
      'portico-app': {
        src: string;
        tokenProvider: TokenProvider;
        ref?: Ref<PorticoAppElement>;
      };
    }
  }
}

interface DataAppProps {
  readonly src: string;
  readonly getToken: TokenProvider;
  readonly onPicked: (region: string) => void;
  /** Told of the element when it is there, and given back what it is to do when it goes. */
  readonly onElement: (element: PorticoAppElement) => () => void;
}

/** An app in the page. React 19 sets properties of custom elements, functions too. */
export function DataApp({ src, getToken, onPicked, onElement }: DataAppProps) {
  const ref = (element: PorticoAppElement | null) => {
    if (element === null) return;
    const deaf = element.on('picked', (data) => onPicked(String(data)));
    const gone = onElement(element);
    return () => {
      deaf();
      gone();
    };
  };
  return <portico-app ref={ref} src={src} tokenProvider={getToken} />;
}
