// The bridge in a page of Bokeh or Panel: `portico/bridge/bokeh.py` runs it as the code of a CustomJS, with `channel`, once
// the document is there and whenever Python has something for the page.
const { portico } = window;
channel.__portico ??= { sent: 0, last: 0, names: new Set(), owed: new Map() };
const state = channel.__portico;

const tell = (message) => {
  state.last += 1;
  const seq = state.last;
  channel.setv({ inbox: { seq, ...message } });
  return seq;
};

const hear = (name) => {
  const heard = (data) =>
    new Promise((resolve, reject) => {
      state.owed.set(tell({ kind: 'message', name, data }), { resolve, reject });
      state.owed.delete(state.last - 200);
    });
  if (name === 'portico:parameters') portico.onParameters((data) => void heard(data).catch(() => {}));
  else portico.on(name, heard);
};

const post = ({ kind, name, data, to, error }) => {
  if (kind === 'event') portico?.send(name, data);
  if (kind === 'reply') {
    const reply = state.owed.get(to);
    state.owed.delete(to);
    if (error === null) reply?.resolve(data);
    else reply?.reject(new Error(error));
  }
  if (kind === 'request') {
    const answer = portico ? portico.request(name, data) : Promise.reject({ reason: 'not_embedded' });
    answer.then(
      (reply) => tell({ kind: 'reply', to, data: reply, error: null }),
      (problem) => tell({ kind: 'reply', to, error: problem.reason ?? 'failed' }),
    );
  }
};

// What stands in `outbox` is the last messages, in case that changes are put together on the way.
const { names, messages } = JSON.parse(channel.outbox);
for (const name of names) {
  if (!portico || state.names.has(name)) continue;
  state.names.add(name);
  hear(name);
}
for (const message of messages) {
  if (message.seq <= state.sent) continue;
  state.sent = message.seq;
  post(message);
}
