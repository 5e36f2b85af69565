import { override, takeFlag } from '../argv.ts';
import {
  directory,
  IDENTITY_HEADERS,
  type LaunchContext,
  type LaunchPlan,
  LOOPBACK,
  READY_TIMEOUT,
} from '../plan.ts';

/**
 * `st.user` of an unmodified app. Streamlit fills one key from each header and leaves `is_logged_in` alone, and an app
 * that asks `if not st.user.is_logged_in` must see a signed-in person; header names differ by case only there, so that
 * the same header can fill two keys.
 */
const TRUSTED_USER_HEADERS = JSON.stringify({
  [IDENTITY_HEADERS.email]: 'email',
  [IDENTITY_HEADERS.name]: 'name',
  [IDENTITY_HEADERS.user]: 'sub',
  [IDENTITY_HEADERS.user.toLowerCase()]: 'is_logged_in',
});

/**
 * Streamlit takes every option from the environment, flags win over that: so ours go there, which works behind
 * `uv run` and `python -m`, and only contradicting flags are taken from the command line.
 */
export function streamlit(argv: readonly string[], context: LaunchContext): LaunchPlan {
  const base = context.basePath.slice(1);
  // Whose messages its page obeys. Its own default is the pages of its makers' cloud, where anybody can have one: older
  // versions take them from whoever opened the window, and one of them says where uploads go.
  const masters = (context.embedders ?? [context.publicOrigin]).join(' ');
  const checked = override(argv, {
    '--server.port': String(context.port),
    '--server.address': LOOPBACK,
    '--server.baseUrlPath': base,
    '--server.enableCORS': 'true',
    '--server.enableXsrfProtection': 'true',
    '--server.trustedUserHeaders': TRUSTED_USER_HEADERS,
    '--client.allowedOrigins': masters,
  });
  const headless = takeFlag(checked.argv, '--server.headless');
  return {
    argv: headless.argv,
    env: {
      STREAMLIT_SERVER_PORT: String(context.port),
      STREAMLIT_SERVER_ADDRESS: LOOPBACK,
      STREAMLIT_SERVER_BASE_URL_PATH: base,
      STREAMLIT_SERVER_HEADLESS: 'true',
      STREAMLIT_SERVER_ENABLE_CORS: 'true',
      STREAMLIT_SERVER_ENABLE_XSRF_PROTECTION: 'true',
      STREAMLIT_SERVER_CORS_ALLOWED_ORIGINS: context.publicOrigin,
      STREAMLIT_SERVER_TRUSTED_USER_HEADERS: TRUSTED_USER_HEADERS,
      STREAMLIT_CLIENT_ALLOWED_ORIGINS: masters,
    },
    defaults: { STREAMLIT_BROWSER_GATHER_USAGE_STATS: 'false' },
    readyPath: `${directory(context.basePath)}_stcore/health`,
    readyTimeout: READY_TIMEOUT,
    notes: checked.notes,
  };
}
