import type { OidcVendorSettings } from '../../config/provider-settings.ts';
import type { OidcQuirk } from '../oidc-quirk.ts';

interface OidcVendor {
  /** Where the metadata is. */
  readonly issuer: string;
  readonly quirk: OidcQuirk;
}

/** The vendor behind settings; of any other provider the standard is all there is to know. */
export async function oidcVendor(settings: OidcVendorSettings): Promise<OidcVendor> {
  switch (settings.type) {
    case 'oidc':
      return { issuer: settings.issuer, quirk: {} };
    case 'entra': {
      const { entra, entraIssuer } = await import('./entra.ts');
      return { issuer: entraIssuer(settings), quirk: entra(settings) };
    }
    case 'auth0': {
      const { auth0, auth0Issuer } = await import('./auth0.ts');
      return { issuer: auth0Issuer(settings), quirk: auth0(settings) };
    }
    case 'okta': {
      const { okta, oktaIssuer } = await import('./okta.ts');
      return { issuer: oktaIssuer(settings), quirk: okta() };
    }
    case 'google': {
      const { GOOGLE_ISSUER, google } = await import('./google.ts');
      return { issuer: GOOGLE_ISSUER, quirk: google(settings) };
    }
    case 'keycloak': {
      const { keycloak, keycloakIssuer } = await import('./keycloak.ts');
      return { issuer: keycloakIssuer(settings), quirk: keycloak(settings) };
    }
    case 'gitlab': {
      const { gitlab } = await import('./gitlab.ts');
      return { issuer: settings.url, quirk: gitlab() };
    }
  }
}
