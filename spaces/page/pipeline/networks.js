// The networks in onnxruntime-web: on several threads where the page is isolated from others, which takes two headers that
// not every host of files sends; elsewhere on one.

import * as ort from '../runtime/ort.wasm.bundle.min.js';
import {RetinaFace} from './retina.js';

const WASM = 'runtime/ort-wasm-simd-threaded.wasm.gz';
const MOST_THREADS = 4; // such small networks gain nothing from more
const [FIRST, EDITING] = [['detector', 'votes'], ['reader', 'editor']];
const fileOf = (name) => `models/${name}.onnx`;

/** What the page has to fetch before it can answer, and before it can edit. */
export const FILES = {
  answers: ['models/settings.json', WASM, ...FIRST.map(fileOf)],
  edits: EDITING.map(fileOf),
};

/** Start the runtime and the networks that answer; `fetched` gives the bytes of a file. */
export const startAnswering = async (fetched) => {
  ort.env.wasm.numThreads = self.crossOriginIsolated ? Math.min(MOST_THREADS, navigator.hardwareConcurrency || 1) : 1;
  ort.env.logLevel = 'error';
  ort.env.wasm.wasmBinary = await unpacked(await fetched(WASM));
  const [detector, votes] = await started(FIRST, fetched);
  return {
    detector: new RetinaFace(async (planes, dims) => {
      const given = await detector.run({input: new ort.Tensor('float32', planes, dims)});
      return detector.outputNames.map((name) => given[name].data);
    }),
    votes: async (face, dims) => (await votes.run({face: new ort.Tensor('float32', face, dims)})).logits.data,
  };
};

/** Start those that edit. */
export const startEditing = async (fetched) => {
  const [reader, editor] = await started(EDITING, fetched);
  const tensor = (values, dims) => new ort.Tensor('float32', values, dims);
  const square = (values) => tensor(values, [1, 1, Math.sqrt(values.length), Math.sqrt(values.length)]);
  return {
    reader: async (input) => {
      const {landmarks, own} = await reader.run({face: square(input)});
      return {landmarks: landmarks.data, own: own.data};
    },
    editor: async ({input, landmarks, own}, target) => {
      const given = await editor.run({
        face: square(input),
        landmarks: tensor(landmarks, [1, landmarks.length / 2, 2]),
        own: tensor(own, [1, own.length]),
        target: tensor(target, [1, target.length]),
      });
      return Object.fromEntries(Object.entries(given).map(([name, values]) => [name, values.data]));
    },
  };
};

const started = async (names, fetched) => {
  const sessions = [];
  for (const name of names) sessions.push(await ort.InferenceSession.create(await fetched(fileOf(name)), {executionProviders: ['wasm'], logSeverityLevel: 3}));
  return sessions;
};

/** The bytes of a packed file; some hosts have it unpacked on the way. */
const unpacked = async (bytes) => {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b) return bytes;
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
};
