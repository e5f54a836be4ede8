// Service worker: keeps all files of one version of the page, and answers from them, with the headers that isolate the page.

importScripts('files.js'); // VERSION and FILES, made by export_web; a change of it makes the browser install this anew

const KEPT = `page-${self.VERSION}`;

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(KEPT).then((cache) => cache.addAll(['./', 'files.js', ...Object.keys(self.FILES)])).then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => {
  const old = caches.keys().then((names) => names.filter((name) => name.startsWith('page-') && name !== KEPT));
  event.waitUntil(old.then((names) => Promise.all(names.map((name) => caches.delete(name)))).then(() => self.clients.claim()));
});

self.addEventListener('fetch', (event) => {
  if (event.request.method !== 'GET' || new URL(event.request.url).origin !== self.location.origin) return;
  event.respondWith(caches.open(KEPT)
    .then((cache) => cache.match(event.request, {ignoreSearch: true}))
    .then((kept) => (kept ? isolated(kept) : fetch(event.request))));
});

/** The same answer with what lets a page use several threads, whatever its host sends. */
const isolated = (response) => {
  const headers = new Headers(response.headers);
  headers.set('Cross-Origin-Opener-Policy', 'same-origin');
  headers.set('Cross-Origin-Embedder-Policy', 'require-corp');
  headers.set('Cross-Origin-Resource-Policy', 'same-origin');
  return new Response(response.body, {status: response.status, statusText: response.statusText, headers});
};
