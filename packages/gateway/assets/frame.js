// After sign-in in the other tab, the frame tries again when the person comes back to it.
document.querySelector('[data-sign-in]').addEventListener('click', () => {
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') location.reload();
  });
});
