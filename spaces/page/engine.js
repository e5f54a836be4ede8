// The page's side of worker.js: each question is a promise of its answer.

const worker = new Worker('worker.js', {type: 'module'});
const open = new Map(); // questions under way, by number
let count = 0;

/** Ask the worker; `progress` is told how many more bytes have been fetched. */
export const ask = (what, given, progress) => new Promise((done, failed) => {
  count += 1;
  open.set(count, {done, failed, progress});
  worker.postMessage({id: count, ask: what, given});
});

worker.onmessage = ({data: {id, answer, error, bytes}}) => {
  const question = open.get(id);
  if (bytes !== undefined) { question.progress?.(bytes); return; }
  open.delete(id);
  if (error === undefined) question.done(answer); else question.failed(new Error(error));
};

worker.onerror = () => { // its script could not be fetched, or is not understood
  for (const {failed} of open.values()) failed(new Error('The worker does not run.'));
  open.clear();
};

// The smallest module that uses a vector instruction.
const VECTORS = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98, 11];

/** Why this browser cannot run the networks; empty if it can. */
export const lacking = () => {
  if (typeof WebAssembly !== 'object') return 'WebAssembly';
  if (!WebAssembly.validate(Uint8Array.from(VECTORS))) return 'WebAssembly SIMD';
  return typeof DecompressionStream === 'undefined' ? 'DecompressionStream' : '';
};

/** Keeps the latest of many requests: one is under way, and one may wait for it. */
export const latest = (work) => {
  let running = false;
  let waiting = null;
  const run = async (given) => {
    if (running) { waiting = given; return; }
    running = true;
    await work(given);
    running = false;
    if (waiting) { const next = waiting; waiting = null; run(next); }
  };
  return run;
};
