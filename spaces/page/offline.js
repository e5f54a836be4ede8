// Keeping the page for when there is no network.

/** Install the service worker, and say in `place` when all files are kept. */
export const keepOffline = async (place) => {
  if (!navigator.serviceWorker) return;
  try {
    await navigator.serviceWorker.register('sw.js', {updateViaCache: 'none'});
    await navigator.serviceWorker.ready;
    place.textContent = 'This page is kept by your browser now: it works without a network too.';
  } catch {
    place.textContent = 'This browser does not keep the page, so it needs a network for each visit.';
  }
};
