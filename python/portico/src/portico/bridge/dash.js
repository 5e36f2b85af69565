// The bridge in a Dash page: components without a look, which `portico/bridge/dash.py` puts into the layout.
(() => {
  const { useEffect, useRef } = window.React;
  const PREFIX = 'data-';
  /** Milliseconds until a message that Python does not answer makes room for the next one. */
  const PATIENCE = 10_000;
  const MOST = 200;
  /** Messages of the page whose reply Python still owes, by number. */
  const owed = new Map();
  /** By name, who wants the replies to Python's requests. */
  const wanted = new Map();
  let last = 0;

  const before = ([time, number], [otherTime, otherNumber]) => time - otherTime || number - otherNumber;

  function settle(to, finish) {
    const reply = owed.get(to);
    owed.delete(to);
    if (reply) finish(reply);
  }

  function post({ kind, name, data, to, error }) {
    const { portico } = window;
    const failed = (reason) => wanted.get(name)?.({ error: reason });
    if (kind === 'reply')
      settle(to, ({ resolve, reject }) => (error === null ? resolve(data) : reject(new Error(error))));
    else if (kind === 'event') portico?.send(name, data);
    else if (!portico) failed('not_embedded');
    else
      portico.request(name, data).then(
        (reply) => wanted.get(name)?.({ data: reply }),
        (problem) => failed(problem.reason ?? 'failed'),
      );
  }

  /** What callbacks have set: each message in a property of its own, so that none replaces another. */
  function Sender({ setProps, ...props }) {
    const done = useRef(new Set());
    useEffect(() => {
      const fresh = Object.keys(props).filter((key) => key.startsWith(PREFIX) && props[key]?.seq);
      for (const key of fresh.sort((a, b) => before(props[a].seq, props[b].seq))) {
        if (done.current.has(key)) continue;
        done.current.add(key);
        post(props[key]);
        setProps({ [key]: null });
      }
    });
    return null;
  }

  /** Gives one message after the other to Python: the next one when the last is answered, so that none is skipped. */
  function queue(setProps) {
    const waiting = [];
    let busy = false;
    const next = () => {
      const message = waiting.shift();
      busy = message !== undefined;
      if (!busy) return;
      setProps({ message: { seq: message.seq, ...message.content } });
      const timer = setTimeout(
        () => settle(message.seq, ({ reject }) => reject(new Error('timeout'))),
        PATIENCE,
      );
      message.settled.then(() => {
        clearTimeout(timer);
        next();
      });
    };
    return (content) => {
      last += 1;
      const seq = last;
      const answer = new Promise((resolve, reject) => owed.set(seq, { resolve, reject }));
      waiting.push({ seq, content, settled: answer.catch(() => {}) });
      if (waiting.length > MOST) waiting.shift();
      if (!busy) next();
      return answer;
    };
  }

  function Ear({ name, kind, setProps }) {
    const set = useRef(setProps);
    set.current = setProps;
    useEffect(() => {
      const { portico } = window;
      const take = queue((props) => set.current(props));
      if (kind === 'reply') {
        wanted.set(name, (reply) => void take(reply).catch(() => {}));
        return () => wanted.delete(name);
      }
      const heard = (data) => {
        set.current({ value: data });
        return take({ data });
      };
      if (name === 'portico:parameters')
        return portico?.onParameters((data) => void heard(data).catch(() => {}));
      return portico?.on(name, heard);
    }, [name, kind]);
    return null;
  }

  window.portico_bridge = { Sender, Ear };
})();
