/** What Portico tells of the person; `null` is a guest. */
interface User {
  readonly issuer: string;
  readonly subject: string;
  readonly user: string;
  readonly email?: string;
  readonly groups: readonly string[];
  readonly roles: readonly string[];
}

interface Request {
  readonly app: string;
  /** Below the app, without query. */
  readonly path: string;
  readonly method: string;
}

/** Asked after `allow` and `rules` have said yes, for every request and WebSocket. */
export default async function authorize(user: User | null, { path }: Request) {
  if (user === null) return path === '/' || { deny: 'guests see the start page only' };
  if (path === '/terms') return true;
  if (!(await hasAccepted(user.subject))) return { redirect: '/terms' };
  if (path.startsWith('/reports/') && !user.groups.includes(ownerOf(path)))
    return { deny: `this report is for ${ownerOf(path)}` };
  return true;
}

/** `/reports/finance/2026` belongs to the group finance. */
function ownerOf(path: string): string {
  return path.split('/')[2] ?? '';
}

/** A slow question is asked once a minute and person, not once a request. */
const answers = new Map<string, { readonly accepted: Promise<boolean>; readonly until: number }>();

function hasAccepted(subject: string): Promise<boolean> {
  const known = answers.get(subject);
  if (known !== undefined && known.until > Date.now()) return known.accepted;
  const accepted = askTheDatabase(subject);
  answers.set(subject, { accepted, until: Date.now() + 60_000 });
  return accepted;
}

async function askTheDatabase(subject: string): Promise<boolean> {
  return subject !== 'newcomer';
}
