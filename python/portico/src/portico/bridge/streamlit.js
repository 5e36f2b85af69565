// The bridge in a Streamlit page, as a component without a look: `portico/bridge/streamlit.py` mounts it.

/** By session of Streamlit: the number of the last message that was given to `window.portico`. */
const sent = new Map();
/** Messages of the page whose reply Python still owes, by number. */
const owed = new Map();
/** By element: what hears a name of the page. */
const ears = new WeakMap();
/** Requests of Python, by session and number. */
const asked = new Map();
const MOST = 200;
let last = 0;

function post(portico, { seq, kind, name, data, to, error }, session) {
  if (seq <= (sent.get(session) ?? 0)) return;
  sent.set(session, seq);
  if (kind === 'event') portico.send(name, data);
  const reply = kind === 'reply' ? owed.get(to) : undefined;
  owed.delete(to);
  if (error === undefined) reply?.resolve(data);
  else reply?.reject(new Error(error));
}

/** Streamlit runs the script for what is set here, so all that Python has not seen yet stays in it. */
function listen(portico, ear, name) {
  const heard = (data) => {
    last += 1;
    ear.inbox = [...ear.inbox, { seq: last, data }].slice(-MOST);
    ear.set('inbox', ear.inbox);
    return new Promise((resolve, reject) => {
      owed.set(last, { resolve, reject });
      owed.delete(last - MOST);
    });
  };
  ear.stop =
    name === 'portico:parameters'
      ? portico.onParameters((data) => void heard(data))
      : portico.on(name, heard);
}

function ask(portico, { id, name, data }, session, set) {
  const key = `${session} ${id}`;
  if (!asked.has(key)) asked.set(key, portico.request(name, data));
  asked.get(key).then(
    (reply) => set('reply', { data: reply }),
    (error) => set('reply', { error: error.reason ?? 'failed' }),
  );
}

/** Called when it is mounted and whenever Python gives it other data. */
export default function bridge({ data, parentElement, setStateValue }) {
  const { portico } = window;
  const box = parentElement.closest?.('[data-testid="stElementContainer"]');
  // Streamlit leaves a gap around every element.
  if (box) box.style.display = 'none';
  if (!portico) {
    // No page can be around an app without the script; whoever asks is told so at once.
    if (data.request) setStateValue('reply', { error: 'not_embedded' });
    return undefined;
  }
  for (const message of data.outbox) post(portico, message, data.session);
  if (data.request && !ears.has(parentElement)) {
    ears.set(parentElement, {});
    ask(portico, data.request, data.session, setStateValue);
  }
  if (data.name === undefined) return undefined;
  let ear = ears.get(parentElement);
  if (ear === undefined) {
    ear = { inbox: [], set: setStateValue };
    ears.set(parentElement, ear);
    listen(portico, ear, data.name);
  }
  ear.set = setStateValue;
  ear.inbox = ear.inbox.filter(({ seq }) => seq > data.taken);
  return () => {
    ear.stop();
    ears.delete(parentElement);
  };
}
