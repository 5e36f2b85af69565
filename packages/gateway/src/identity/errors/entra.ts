import type { Entry } from './entry.ts';
import type { WayOn } from './ways-on.ts';

/** Each number has a page of its own: https://learn.microsoft.com/entra/identity-platform/reference-error-codes */
function aadsts(
  number: number,
  wayOn: WayOn,
  text: string,
  happened: string,
  fix: string,
  error?: string,
): Entry {
  return {
    id: `AADSTS${number}`,
    vendor: 'Microsoft Entra ID',
    wayOn,
    when: { text: new RegExp(`\\bAADSTS${number}\\b`) },
    example: { text: `AADSTS${number}: ${text}`, ...(error === undefined ? {} : { error }) },
    happened,
    fix,
    link: `https://login.microsoftonline.com/error?code=${number}`,
  };
}

const ADD_URI =
  'In the Entra admin center, App registrations, Authentication, add our redirect URI to the platform Web, exactly as portico check prints it.';
const NEW_SECRET =
  'In App registrations, Certificates & secrets, make a new client secret and put its value (not its ID) into client_secret.';
const WEB_PLATFORM =
  'In App registrations, Authentication, remove our redirect URI from the platform Single-page application and add it to Web.';
const CONSENT =
  'In Enterprise applications, Permissions, grant admin consent for the organization, or allow people to consent for themselves.';
const CONDITIONS =
  'Look at the sign-in log of this person in the Entra admin center: Conditional Access names the policy that was not met.';

export const ENTRA: readonly Entry[] = [
  aadsts(
    50011,
    'redirect_uri_mismatch',
    "The redirect URI 'https://apps.example.com/.auth/login/entra/callback' specified in the request does not match the redirect URIs configured for the application.",
    'The redirect URI is not registered for the application.',
    ADD_URI,
    'invalid_request',
  ),
  aadsts(
    900971,
    'redirect_uri_mismatch',
    'No reply address provided.',
    'The application has no redirect URI at all.',
    ADD_URI,
    'invalid_request',
  ),
  aadsts(
    9002325,
    'redirect_uri_mismatch',
    'Proof Key for Code Exchange is required for cross-origin authorization code redemption.',
    'The redirect URI is registered for a single-page application.',
    WEB_PLATFORM,
    'invalid_request',
  ),
  aadsts(
    9002326,
    'redirect_uri_mismatch',
    "Cross-origin token redemption is permitted only for the 'Single-Page Application' client-type.",
    'The redirect URI is registered under the wrong platform.',
    WEB_PLATFORM,
    'invalid_request',
  ),
  aadsts(
    9002327,
    'redirect_uri_mismatch',
    "Tokens issued for the 'Single-Page Application' client-type may only be redeemed via cross-origin requests.",
    'The redirect URI is registered for a single-page application.',
    WEB_PLATFORM,
    'invalid_request',
  ),
  aadsts(
    700016,
    'invalid_client',
    "Application with identifier '7d1e0c55-0000-4000-8000-000000000000' was not found in the directory 'Contoso'.",
    'The tenant does not know this client_id.',
    'Compare client_id with Application (client) ID, and tenant with Directory (tenant) ID, on the overview of the app registration.',
    'unauthorized_client',
  ),
  aadsts(
    7000215,
    'invalid_client',
    'Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID.',
    'The client secret is wrong; often it is the ID of the secret in place of its value.',
    NEW_SECRET,
    'invalid_client',
  ),
  aadsts(
    7000222,
    'invalid_client',
    'The provided client secret keys are expired.',
    'The client secret has expired.',
    NEW_SECRET,
    'invalid_client',
  ),
  aadsts(
    7000218,
    'invalid_client',
    "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
    'The application wants a client secret or a certificate, and the configuration has neither.',
    NEW_SECRET,
    'invalid_client',
  ),
  aadsts(
    700025,
    'invalid_client',
    "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
    'The redirect URI is registered for a mobile or desktop application, which has no secret.',
    'In App registrations, Authentication, move our redirect URI to the platform Web.',
    'invalid_client',
  ),
  aadsts(
    700027,
    'invalid_client',
    'Client assertion failed signature validation.',
    'The certificate of the client key is not the one that the application knows.',
    'In App registrations, Certificates & secrets, upload the certificate that stands below the key in client_key_file.',
    'invalid_client',
  ),
  aadsts(
    90002,
    'invalid_client',
    "Tenant 'contoso.example' not found. Check to make sure you have the correct tenant ID and are signing into the correct cloud.",
    'There is no tenant of this name.',
    'Copy Directory (tenant) ID from the overview of the app registration into tenant; in a national cloud, set authority too.',
    'invalid_request',
  ),
  aadsts(
    50194,
    'invalid_client',
    'Application is not configured as a multi-tenant application. Usage of the /common endpoint is not supported for such apps.',
    'The application belongs to one tenant, and the configuration asks for many.',
    'Set tenant to the Directory (tenant) ID, or make the application multi-tenant and list the tenants.',
    'invalid_request',
  ),
  aadsts(
    650053,
    'invalid_scope',
    "The application asked for scope 'Reports.Read' that doesn't exist on the resource.",
    'A scope does not exist at the API that it is for.',
    'Correct scope in the configuration of the provider; API permissions of the app registration lists what there is.',
    'invalid_client',
  ),
  aadsts(
    70011,
    'invalid_scope',
    "The provided value for the input parameter 'scope' is not valid.",
    'A scope is unknown or malformed.',
    'Correct scope in the configuration of the provider; scopes of one API only, separated by spaces.',
    'invalid_scope',
  ),
  aadsts(
    500131,
    'invalid_scope',
    'Assertion audience does not match the Client app presenting the assertion.',
    'On-behalf-of needs an access token for the gateway’s own API, and the sign-in asked for another.',
    'In App registrations, Expose an API, add a scope, and write it into scope of the provider: api://CLIENT_ID/SCOPE.',
    'invalid_grant',
  ),
  aadsts(
    500011,
    'invalid_scope',
    'The resource principal named api://1f0c was not found in the tenant.',
    'The resource of an API does not exist in the tenant.',
    'Compare resource and scopes of the API with the Application ID URI under Expose an API.',
    'invalid_resource',
  ),
  aadsts(
    65001,
    'consent_required',
    "The user or administrator has not consented to use the application with ID '7d1e0c55-0000-4000-8000-000000000000'.",
    'Nobody has consented to what the application asks for.',
    CONSENT,
    'invalid_grant',
  ),
  aadsts(
    90094,
    'consent_required',
    'Admin consent is required for the permissions requested by this application.',
    'The permissions need an administrator’s consent.',
    CONSENT,
    'consent_required',
  ),
  aadsts(
    65004,
    'access_denied',
    'User declined to consent to access the app.',
    'The person did not agree to what the application asks for.',
    'Nothing is wrong. If it was not meant, they start again.',
    'access_denied',
  ),
  aadsts(
    50020,
    'wrong_tenant',
    "User account 'ann@example.net' from identity provider 'live.com' does not exist in tenant 'Contoso' and cannot access the application in that tenant.",
    'The account is of another tenant, or a personal one.',
    'Invite the person as a guest, or allow their tenant (tenant: organizations, tenants: […]).',
    'invalid_grant',
  ),
  aadsts(
    50105,
    'account_not_allowed',
    'The signed in user is not assigned to a role for the application.',
    'The application demands assignment, and this account is not assigned.',
    'In Enterprise applications, Users and groups, assign the person or a group; or set Assignment required to No under Properties.',
    'invalid_grant',
  ),
  aadsts(
    53003,
    'sign_in_conditions',
    'Access has been blocked by Conditional Access policies. The access policy does not allow token issuance.',
    'A Conditional Access policy blocked the sign-in.',
    CONDITIONS,
    'interaction_required',
  ),
  aadsts(
    53000,
    'sign_in_conditions',
    'Device is not in required device state: compliant. Conditional Access policy requires a compliant device.',
    'The device does not meet a Conditional Access policy.',
    CONDITIONS,
    'interaction_required',
  ),
  aadsts(
    50076,
    'interaction_required',
    'Due to a configuration change made by your administrator, or because you moved to a new location, you must use multi-factor authentication.',
    'A second factor is wanted, and nobody was there to give it.',
    'Nothing is wrong: the next sign-in asks for it.',
    'interaction_required',
  ),
  aadsts(
    70008,
    'sign_in_refused',
    'The provided authorization code or refresh token has expired due to inactivity.',
    'The code was too old when it came back.',
    'Start again. If it happens to everybody, compare the clock of this machine with the real time.',
    'invalid_grant',
  ),
];
