/** Names of the gateway's own settings, those that it shares with Panel included; several of them hold secrets. */
const GATEWAY_NAMES = /^PORTICO_|(?:^|_)OAUTH_|^PANEL_(?:BASIC_AUTH|COOKIE_SECRET|COOKIE_PATH|USER_KEY)$/i;

/**
 * The environment of an app: what the gateway was started with, less everything that is the gateway's own. An app runs
 * other people's code and shows tracebacks; a client secret has no business there.
 *
 * @param inherited - the gateway's environment
 * @param withheld - further names, such as the variables that the configuration file reads a secret from
 * @param layers - later ones win; what the configuration gives to this very app is passed whatever its name
 */
export function childEnvironment(
  inherited: Readonly<Record<string, string | undefined>>,
  withheld: readonly string[],
  layers: {
    readonly defaults: Readonly<Record<string, string>>;
    readonly app: Readonly<Record<string, string>>;
    readonly plan: Readonly<Record<string, string>>;
  },
): Record<string, string> {
  const hidden = new Set(withheld.map((name) => name.toUpperCase()));
  const passed = Object.entries(inherited).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && !GATEWAY_NAMES.test(entry[0]) && !hidden.has(entry[0].toUpperCase()),
  );
  return {
    // Without it Python holds its log lines back until a block is full, since its output is a pipe here.
    PYTHONUNBUFFERED: '1',
    ...layers.defaults,
    ...Object.fromEntries(passed),
    ...layers.app,
    ...layers.plan,
  };
}
