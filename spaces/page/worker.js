// All work on pictures, beside the page, so that it stays responsive; what it is given stays in its memory.

import {editTowards, editedCrop, editedPhoto, readFace} from './pipeline/editing.js';
import {FILES, startAnswering, startEditing} from './pipeline/networks.js';
import {fromCanvas, toCanvas} from './pipeline/pictures.js';
import {recognize} from './pipeline/recognition.js';

let networks = {};
let settings = null;
let held = null; // the photo that can be edited, its faces and what was read of them
let editing = null; // a promise of the networks that edit

/** Fetches files and says how many of their bytes are there. */
const fetcher = (progress) => async (name) => {
  const response = await fetch(name);
  if (!response.ok) throw new Error(`${name}: ${response.status}`);
  const parts = [];
  const reader = response.body.getReader();
  for (let step = await reader.read(); !step.done; step = await reader.read()) {
    parts.push(step.value);
    progress(step.value.length);
  }
  return new Uint8Array(await new Blob(parts).arrayBuffer());
};

const canEdit = (progress) => {
  editing ??= startEditing(fetcher(progress)).then((more) => { networks = {...networks, ...more}; });
  editing.catch(() => { editing = null; }); // the next edit tries again
  return editing;
};

const edited = async ({index, name, amount}) => {
  const {photo, faces, read} = held;
  const face = faces[index];
  read[index] ??= await readFace(networks, settings, photo, face);
  return {photo, face, edit: await editTowards(networks, settings, face, read[index], name, amount)};
};

const asks = {
  files: () => FILES,
  start: async (_, progress) => {
    const fetched = fetcher(progress);
    settings = JSON.parse(new TextDecoder().decode(await fetched('models/settings.json')));
    networks = await startAnswering(fetched);
    return {colours: settings.colours, expressions: settings.votes.expressions, named: Object.keys(settings.editor.prototypes)};
  },
  photo: async (pixels) => {
    const photo = fromCanvas(pixels);
    const faces = await recognize(networks, settings, photo);
    held = {photo, faces, read: []};
    return faces;
  },
  frame: (pixels) => recognize(networks, settings, fromCanvas(pixels)),
  prepareEdits: (_, progress) => canEdit(progress),
  edit: async (asked, progress) => {
    await canEdit(progress);
    const {photo, face, edit} = await edited(asked);
    const {before, after} = editedCrop(photo, face, edit);
    return {before: toCanvas(before), after: toCanvas(after)};
  },
  editPhoto: async (asked, progress) => {
    await canEdit(progress);
    const {photo, face, edit} = await edited(asked);
    return toCanvas(editedPhoto(photo, face, edit));
  },
};

let last = Promise.resolve(); // one thing at a time: the runtime has one thread
self.onmessage = ({data: {id, ask, given}}) => {
  const progress = (bytes) => self.postMessage({id, bytes});
  last = last.then(() => asks[ask](given, progress)).then(
    (answer) => self.postMessage({id, answer}),
    (error) => self.postMessage({id, error: String(error?.message ?? error)}),
  );
};
