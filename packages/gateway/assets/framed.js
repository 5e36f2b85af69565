// Tells the page around this frame why the app is not here; pages of other origins than the listed ones hear nothing.
const { state, reason, origins } = document.querySelector('[data-state]').dataset;
const around = location.ancestorOrigins?.[0];
if (window.parent !== window)
  for (const origin of origins.split(' '))
    if (origin !== '' && (around === undefined || around === origin))
      window.parent.postMessage({ portico: 1, kind: 'state', name: state, error: reason }, origin);
