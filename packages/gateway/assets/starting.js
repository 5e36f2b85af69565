// Waits until the app answers, then shows it. Everything arrives as text, never as markup.
const panel = document.querySelector('[data-poll]');
const log = panel.querySelector('[data-log]');

function show(news) {
  if (news.state === 'starting' || news.state === 'crashed') {
    panel.dataset.state = news.state;
    for (const part of panel.querySelectorAll('[data-when]')) part.hidden = part.dataset.when !== news.state;
  }
  if (Array.isArray(news.lines)) {
    const output = log.querySelector('pre');
    const atEnd = output.scrollTop + output.clientHeight >= output.scrollHeight - 4;
    output.textContent = news.lines.join('\n');
    log.hidden = news.lines.length === 0;
    if (atEnd) output.scrollTop = output.scrollHeight;
  }
}

async function ask() {
  const stop = new AbortController();
  try {
    const answer = await fetch(panel.dataset.poll, {
      cache: 'no-store',
      redirect: 'manual',
      headers: { accept: 'application/json' },
      signal: stop.signal,
    });
    if (answer.status !== 503) {
      stop.abort();
      location.reload();
      return;
    }
    show(await answer.json());
  } catch {
    // The gateway itself may be restarting, or the answer had no news: ask again.
  }
  setTimeout(ask, 1000);
}

setTimeout(ask, 700);
