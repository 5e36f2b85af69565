import type { Person } from './identity.ts';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function safe(value: string): string {
  return value.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}

function chips(values: readonly string[], nothing: string): string {
  if (values.length === 0) return `<li class="none">${nothing}</li>`;
  return values.map((value) => `<li>${safe(value)}</li>`).join('');
}

function layout(title: string, base: string, person: Person, body: string, script: string): string {
  const admin = person.roles.includes('admin') ? `<a href="${safe(base)}admin/">Admin</a>` : '';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${safe(title)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${safe(base)}demo.css">
${script}
</head>
<body>
<a class="skip" href="#main">Skip to the numbers</a>
<header>
  <a class="brand" href="${safe(base)}"><span class="mark" aria-hidden="true"></span>Live operations</a>
  <nav aria-label="Account">${admin}<a href="/.auth/">All apps</a><a href="/.auth/logout">Sign out</a></nav>
</header>
<main id="main">${body}</main>
</body>
</html>`;
}

/** @param base - path of this app with a trailing slash */
export function dashboard(base: string, person: Person): string {
  const initial = safe([...person.name][0]?.toUpperCase() ?? '?');
  return layout(
    'Live operations',
    base,
    person,
    `
<section class="person" aria-label="Who is looking">
  <span class="avatar" aria-hidden="true">${initial}</span>
  <div>
    <h1>Hello, ${safe(person.name)}</h1>
    <p>${safe(person.email)} · signed in through ${safe(person.provider || 'Portico')}</p>
    <dl>
      <div><dt>Roles</dt><dd><ul class="chips" id="roles">${chips(person.roles, 'none')}</ul></dd></div>
      <div><dt>Groups</dt><dd><ul class="chips" id="groups">${chips(person.groups, 'none')}</ul></dd></div>
    </dl>
  </div>
  <p class="live"><span id="connection" data-state="connecting" role="status">Connecting</span><span><b id="watching">1</b> watching now</span></p>
</section>
<section class="tiles" aria-label="Now">
  <article><h2>Orders per minute</h2><p class="value" id="orders">–</p><svg id="spark-orders" viewBox="0 0 120 32" preserveAspectRatio="none" aria-hidden="true"></svg></article>
  <article><h2>Revenue per minute</h2><p class="value" id="revenue">–</p><svg id="spark-revenue" viewBox="0 0 120 32" preserveAspectRatio="none" aria-hidden="true"></svg></article>
  <article><h2>Answer time</h2><p class="value" id="latency">–</p><svg id="spark-latency" viewBox="0 0 120 32" preserveAspectRatio="none" aria-hidden="true"></svg></article>
</section>
<section class="charts">
  <article class="wide"><h2>Orders, last two minutes</h2><svg id="chart" viewBox="0 0 720 260" role="img" aria-label="Orders per minute over the last two minutes"></svg></article>
  <article><h2>By region</h2><svg id="bars" viewBox="0 0 320 260" role="img" aria-label="Orders per minute by region"></svg></article>
</section>
<section class="api" aria-labelledby="api-title">
  <article>
    <div class="api-head"><h2 id="api-title">From an API, on your behalf</h2><button class="button quiet" id="ask" type="button" disabled>Ask again</button></div>
    <p id="api-said" role="status">Asking …</p>
    <table hidden><thead><tr><th scope="col">Region</th><th scope="col" class="number">Revenue</th></tr></thead><tbody id="api-rows"></tbody></table>
    <p class="note" id="api-token"></p>
  </article>
</section>
<p class="note">Made-up numbers. Open a second browser, sign in as somebody else, and see the count go up.</p>
<dialog id="ended" aria-labelledby="ended-title">
  <h2 id="ended-title">Your session ended</h2>
  <p>The gateway closed this connection. Nothing more is shown until you sign in again.</p>
  <a class="button" id="again" href="/.auth/login">Sign in again</a>
</dialog>`,
    `<script type="module" src="${safe(base)}demo.js"></script>`,
  );
}

/** For admins only; that is a rule of the gateway, and the app checks the role once more. */
export function adminPage(base: string, person: Person, people: readonly Person[]): string {
  const rows = people
    .map(
      (one) =>
        `<tr><th scope="row">${safe(one.name)}</th><td>${safe(one.email)}</td><td>${safe(one.roles.join(', '))}</td><td>${safe(one.groups.join(', '))}</td></tr>`,
    )
    .join('');
  return layout(
    'Who is watching · Live operations',
    base,
    person,
    `
<h1>Who is watching</h1>
<p>Only the role <strong>admin</strong> may open this page: a rule for <code>/admin/**</code> says so.</p>
<div class="table"><table>
  <thead><tr><th scope="col">Name</th><th scope="col">E-mail</th><th scope="col">Roles</th><th scope="col">Groups</th></tr></thead>
  <tbody>${rows || '<tr><td colspan="4">Nobody has the dashboard open.</td></tr>'}</tbody>
</table></div>
<p><a href="${safe(base)}">Back to the dashboard</a></p>`,
    '',
  );
}
