// The dashboard's live part. It knows nothing of sign-in but two things: which close codes say that the session ended,
// and where to sign in again.
const SESSION_ENDED = [4401, 1008];
const SVG = 'http://www.w3.org/2000/svg';
const by = (id) => document.getElementById(id);
const number = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
const euro = new Intl.NumberFormat(undefined, {
  style: 'currency',
  currency: 'EUR',
  maximumFractionDigits: 0,
});

const KEEP = 120;
let samples = [];
const time = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
let attempts = 0;
let ask = () => {};

function connect() {
  const url = new URL('live', document.baseURI);
  url.protocol = url.protocol.replace('http', 'ws');
  const socket = new WebSocket(url);
  socket.addEventListener('open', () => {
    attempts = 0;
    state('live', 'Live');
    ask = () => {
      by('ask').disabled = true;
      socket.send('ask');
    };
    by('ask').disabled = false;
  });
  socket.addEventListener('message', (event) => receive(JSON.parse(event.data)));
  socket.addEventListener('close', (event) => closed(event.code));
}

function receive(message) {
  if (message.type === 'hello') samples = message.samples;
  if (message.type === 'sample') samples = [...samples, message.sample].slice(-KEEP);
  if (message.type === 'api') return api(message.answer);
  if (message.type === 'watching') by('watching').textContent = number.format(message.watching);
  else draw();
}

/** What the API said: the app asked the gateway, with the assertion of this very WebSocket. */
function api(answer) {
  const rows = answer.regions ?? [];
  by('api-said').textContent = answer.problem ?? `The API knows you as ${answer.as}.`;
  by('api-rows').replaceChildren(
    ...rows.map(({ region, revenue }) => {
      const row = document.createElement('tr');
      row.append(cell('th', region), cell('td', euro.format(revenue)));
      return row;
    }),
  );
  by('api-rows').parentElement.hidden = rows.length === 0;
  by('api-token').textContent = answer.issuedAt
    ? `Access token of ${time.format(new Date(answer.issuedAt))}, good until ${time.format(new Date(answer.expiresAt))}. The gateway keeps it fresh and attaches it; this app never has it.`
    : '';
  by('ask').disabled = false;
}

function cell(name, text) {
  const node = document.createElement(name);
  if (name === 'th') node.scope = 'row';
  else node.className = 'number';
  node.textContent = text;
  return node;
}

async function closed(code) {
  ask = () => {};
  by('ask').disabled = true;
  if (SESSION_ENDED.includes(code)) return ended();
  state('lost', 'Connecting again');
  attempts += 1;
  // A refused handshake looks like a broken network (1006): ask the gateway which it is.
  const session = await fetch('/.auth/session', { headers: { accept: 'application/json' } }).catch(
    () => undefined,
  );
  if (session?.status === 401) return ended();
  setTimeout(connect, Math.min(15_000, 500 * 2 ** attempts) * (0.5 + Math.random() / 2));
}

function ended() {
  state('ended', 'Signed out');
  // What was shown belongs to the session that is over.
  samples = [];
  api({ problem: '–' });
  by('ask').disabled = true;
  for (const id of ['orders', 'revenue', 'latency']) by(id).textContent = '–';
  for (const svg of document.querySelectorAll('main svg')) svg.replaceChildren();
  by('again').href = `/.auth/login?return_to=${encodeURIComponent(location.pathname + location.search)}`;
  if (!by('ended').open) by('ended').showModal();
}

function state(name, words) {
  const connection = by('connection');
  if (connection.dataset.state === name) return;
  connection.dataset.state = name;
  connection.textContent = words;
}

function draw() {
  const last = samples.at(-1);
  if (!last) return;
  by('orders').textContent = number.format(last.orders);
  by('revenue').textContent = euro.format(last.revenue);
  by('latency').textContent = `${number.format(last.latency)} ms`;
  for (const key of ['orders', 'revenue', 'latency'])
    spark(
      by(`spark-${key}`),
      samples.slice(-60).map((sample) => sample[key]),
    );
  area(
    by('chart'),
    samples.map((sample) => sample.orders),
  );
  bars(by('bars'), last.regions);
}

function element(name, attributes, text) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  if (text !== undefined) node.textContent = text;
  return node;
}

function line(values, { left, top, width, height, low, high, slots }) {
  const step = width / (slots - 1);
  const from = left + (slots - values.length) * step;
  return values
    .map((value, index) => {
      const y = top + height - ((value - low) / (high - low || 1)) * height;
      return `${index === 0 ? 'M' : 'L'}${(from + index * step).toFixed(1)},${y.toFixed(1)}`;
    })
    .join('');
}

function spark(svg, values) {
  const box = {
    left: 0,
    top: 3,
    width: 120,
    height: 26,
    low: Math.min(...values),
    high: Math.max(...values),
    slots: 60,
  };
  svg.replaceChildren(
    element('path', { class: 'stroke', d: line(values, box), 'vector-effect': 'non-scaling-stroke' }),
  );
}

function area(svg, values) {
  const high = Math.ceil((Math.max(...values) * 1.1) / 40) * 40;
  const box = { left: 44, top: 18, width: 664, height: 208, low: 0, high, slots: KEEP };
  const nodes = [];
  for (let part = 0; part <= 4; part++) {
    const y = box.top + box.height - (part / 4) * box.height;
    nodes.push(element('line', { class: 'grid', x1: box.left, x2: box.left + box.width, y1: y, y2: y }));
    nodes.push(
      element(
        'text',
        { class: 'axis', x: box.left - 8, y: y + 4, 'text-anchor': 'end' },
        number.format((high * part) / 4),
      ),
    );
  }
  for (const [share, words] of [
    [0, '2 min ago'],
    [0.5, '1 min ago'],
    [1, 'now'],
  ]) {
    const anchor = share === 0 ? 'start' : share === 1 ? 'end' : 'middle';
    nodes.push(
      element(
        'text',
        { class: 'axis', x: box.left + share * box.width, y: 250, 'text-anchor': anchor },
        words,
      ),
    );
  }
  const path = line(values, box);
  const right = box.left + box.width;
  const start = right - ((values.length - 1) / (KEEP - 1)) * box.width;
  nodes.push(
    element('path', {
      class: 'fill',
      d: `${path}L${right},${box.top + box.height}L${start},${box.top + box.height}Z`,
    }),
  );
  nodes.push(element('path', { class: 'stroke', d: path }));
  svg.replaceChildren(...nodes);
}

function bars(svg, regions) {
  const entries = Object.entries(regions);
  const most = Math.max(...entries.map(([, value]) => value), 1);
  const row = 260 / entries.length;
  svg.replaceChildren(
    ...entries.flatMap(([name, value], index) => [
      element('text', { class: 'label', x: 0, y: index * row + 20 }, name),
      element(
        'text',
        { class: 'label', x: 320, y: index * row + 20, 'text-anchor': 'end' },
        number.format(value),
      ),
      element('rect', { class: 'track', x: 0, y: index * row + 30, width: 320, height: 12, rx: 6 }),
      element('rect', {
        class: 'bar',
        x: 0,
        y: index * row + 30,
        width: Math.max(12, (value / most) * 320),
        height: 12,
        rx: 6,
      }),
    ]),
  );
}

by('ask').addEventListener('click', () => ask());
connect();
