// The page: a photo or the camera in, what people would say of it and an edited face out.

import {prepareBars, say, showAnswer, showBoxes} from './answer.js';
import {camera} from './camera.js';
import {ask, lacking, latest} from './engine.js';
import {keepOffline} from './offline.js';
import {Refusal, pixelsOf, save, show} from './photos.js';

const part = (selector) => document.querySelector(selector);
const WORDS = 500; // milliseconds for which the camera's words stay, so that they can be read
const EXAMPLES = ['happy', 'surprise', 'sad', 'angry', 'fear', 'disgust', 'neutral'];

const [photo, video, canvas] = [part('.photo'), part('.photo video'), part('.photo canvas')];
let shown = null; // the photo's pixels, its faces and which of them is chosen
let ready = null; // a promise that the networks answer
let newest = 0; // the photo that was asked about last

const notice = (sentence) => { part('#notice').textContent = sentence; };

/** How far the files are there. */
const progressOf = (names, sentence) => {
  const total = names.reduce((sum, name) => sum + (self.FILES?.[name] ?? 0), 0);
  let have = 0;
  return (bytes) => {
    have += bytes;
    part('#loading progress').value = have / total;
    part('#loading span').textContent = `${sentence} ${(have / 1e6).toFixed(1)} of ${(total / 1e6).toFixed(1)} MB`;
  };
};

const loaded = (sentence) => {
  part('#loading progress').hidden = sentence !== '';
  part('#loading span').textContent = sentence;
};

const start = async () => {
  if (lacking()) throw new Refusal(`This browser lacks ${lacking()}, so it cannot run the networks. Update it, or open the page in another one; only its words can be read here.`);
  const files = await ask('files');
  const {expressions, colours, named} = await ask('start', null, progressOf(files.answers, 'Loading the networks…'));
  prepareBars(expressions, colours);
  prepareChoices(named);
  loaded('Ready.');
};

/** Show pixels on the stage. */
const onStage = ({width, height}, moving) => {
  photo.hidden = false;
  part('#stage .message').hidden = true;
  photo.style.setProperty('--ratio', width / height);
  canvas.hidden = moving;
  video.hidden = !moving;
};

const take = async (file) => {
  const mine = (newest += 1);
  live.stop();
  cameraShown(false);
  notice('');
  try {
    const pixels = await pixelsOf(file);
    if (mine !== newest) return;
    shown = null;
    onStage(pixels, false);
    show(canvas, pixels);
    showBoxes([], pixels, -1);
    say('Looking for faces…', '');
    noEdit('Choose a face first, then an expression.');
    await ready;
    const faces = await ask('photo', pixels);
    if (mine !== newest) return;
    if (!faces.length) throw new Refusal('No face was found in this photo; try one where a face is larger and well lit.');
    shown = {pixels, faces, chosen: 0};
    choose(0);
    prepareEditing();
  } catch (error) {
    if (mine !== newest) return;
    showAnswer(null);
    complain(error);
  }
};

const complain = (error) => {
  notice(error instanceof Refusal ? error.message : 'Something went wrong in this browser; load the page again.');
  if (!(error instanceof Refusal)) console.error(error);
};

const choose = (index) => {
  shown.chosen = index;
  showBoxes(shown.faces, shown.pixels, index, choose);
  showAnswer(shown.faces[index]);
  noEdit('Choose an expression.');
  edit({});
};

// Editing

const prepareChoices = (named) => {
  const offered = EXAMPLES.filter((name) => named.includes(name));
  part('#wanted').append(...offered.map((name) => {
    const label = document.createElement('label');
    label.append(Object.assign(document.createElement('input'), {type: 'radio', name: 'wanted', value: name}), name);
    return label;
  }));
};

/** Fetch the networks that edit while the visitor reads the first answer. */
const prepareEditing = async () => {
  const files = await ask('files');
  try {
    await ask('prepareEdits', null, progressOf(files.edits, 'Loading the editor…'));
    loaded('Ready to answer and to edit.');
  } catch {
    loaded('The editor could not be loaded; answers still work, and it is fetched again with the next photo.');
  }
};

const asked = () => {
  const wanted = part('#wanted :checked');
  if (!shown || !wanted) return null;
  return {index: shown.chosen, name: wanted.value, amount: Number(part('#amount').value)};
};

const noEdit = (sentence) => {
  part('#edit-state').textContent = sentence;
  part('#save').disabled = true;
  for (const name of ['#before', '#after']) part(name).getContext('2d').clearRect(0, 0, 256, 256);
};

const edit = latest(async () => {
  const mine = newest;
  const what = asked();
  if (!what) return;
  part('#edit-state').textContent = 'Editing…';
  try {
    const begin = performance.now();
    const {before, after} = await ask('edit', what);
    if (mine !== newest || !shown || shown.chosen !== what.index) return;
    show(part('#before'), before);
    show(part('#after'), after);
    part('#save').disabled = false;
    const left = shown.faces[what.index].notes.some((note) => note.startsWith('The mouth'));
    part('#edit-state').textContent = `${what.name}, ${Math.round(100 * what.amount)}%, in ${Math.round(performance.now() - begin)} ms.`
      + (left ? ' The mouth of this face seems hidden, so it is left as it is.' : '');
  } catch (error) {
    noEdit('The face could not be edited; answers still work.');
    complain(error);
  }
});

part('#wanted').addEventListener('change', () => edit({}));
part('#amount').addEventListener('input', ({target}) => {
  target.nextElementSibling.textContent = `${Math.round(100 * target.value)}%`;
  edit({});
});
part('#save').addEventListener('click', async () => {
  const what = asked();
  try {
    await save(await ask('editPhoto', what), `${what.name}-${Math.round(100 * what.amount)}.png`);
  } catch (error) { complain(error); }
});

// Ways in

part('#file').addEventListener('change', ({target}) => {
  if (target.files[0]) take(target.files[0]);
  target.value = '';
});
document.addEventListener('paste', ({clipboardData}) => { if (clipboardData.files[0]) take(clipboardData.files[0]); });
for (const [event, over] of [['dragover', true], ['dragleave', false], ['drop', false]]) {
  part('#stage').addEventListener(event, (happened) => {
    happened.preventDefault();
    part('#stage').classList.toggle('over', over);
    if (event === 'drop' && happened.dataTransfer.files[0]) take(happened.dataTransfer.files[0]);
  });
}
part('#examples').append(...EXAMPLES.map((name) => {
  const button = Object.assign(document.createElement('button'), {type: 'button'});
  button.append(Object.assign(new Image(56, 56), {src: `examples/${name}.png`, alt: `Computer-made face, ${name}`}));
  button.addEventListener('click', async () => {
    const response = await fetch(`examples/${name}.png`);
    take(new File([await response.blob()], `${name}.png`));
  });
  return button;
}));

// The camera

let worded = 0;
const live = camera({
  video,
  look: (frame) => ask('frame', frame),
  say: notice,
  draw: (faces, frame, took) => {
    showBoxes(faces, frame, 0);
    const held = performance.now() - worded < WORDS;
    if (!held) worded = performance.now();
    if (faces.length) showAnswer(faces[0], held);
    else if (!held) { showAnswer(null); say('Nobody in view', 'Face the camera, with light from the front.'); }
    part('#speed').textContent = `${Math.round(took)} ms a frame`;
  },
});

const cameraShown = (on) => {
  part('#camera').textContent = on ? 'Stop the camera' : 'Start the camera';
  if (!on) part('#speed').textContent = '';
};

const stopCamera = () => {
  if (!live.isOn()) return;
  live.stop();
  cameraShown(false);
  photo.hidden = true;
  part('#stage .message').hidden = false;
  showBoxes([], {width: 1, height: 1}, -1);
};

part('#camera').addEventListener('click', async () => {
  if (live.isOn()) { stopCamera(); return; }
  try { await ready; } catch { return; } // the notice says why
  newest += 1;
  notice('');
  shown = null;
  if (!await live.start()) return;
  noEdit('Editing is for photos; choose one.');
  onStage({width: video.videoWidth, height: video.videoHeight}, true);
  cameraShown(true);
});
document.addEventListener('visibilitychange', () => { if (document.hidden) stopCamera(); });

ready = start();
ready.then(() => keepOffline(part('#offline')), (error) => {
  loaded('The networks could not be loaded.');
  notice(error instanceof Refusal ? error.message : 'The networks could not be loaded; check the connection and load the page again.');
});
