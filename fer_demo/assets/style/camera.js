// The live camera of widgets/camera.py. One frame is under way at a time: a slow server gets fewer, never a queue.
const WIDTH = 384; // pixels of a frame that is sent
const SHORTEST = 90; // milliseconds from one frame to the next: faster than eyes need would only take the server's time
const WORDS = 500; // milliseconds for which words stay, so that they can be read
const part = (selector) => element.querySelector(selector);
const canvas = document.createElement('canvas');
let stream = null;
let answered = []; // [when, how long it took] of the last frames
let worded = 0;

const say = (sentence) => { part('.notice').textContent = sentence; };

const show = (on) => {
  part('.photo').hidden = !on;
  part('.message').hidden = on;
  part('button').textContent = on ? 'Stop the camera' : 'Start the camera';
  if (!on) { part('.speed').textContent = ''; part('.found').replaceChildren(); }
};

const stop = () => {
  if (!stream) return;
  for (const track of stream.getTracks()) track.stop();
  stream = null;
  part('video').srcObject = null;
  show(false);
};

const refusals = {
  NotAllowedError: 'The browser did not allow the camera; allow it beside the address and start again.',
  NotFoundError: 'No camera was found; connect one and start again.',
  NotReadableError: 'Another program is using the camera; close it and start again.',
};

const start = async () => {
  say('');
  if (!navigator.mediaDevices) return say('Browsers allow the camera on secure pages (https) only.');
  try {
    stream = await navigator.mediaDevices.getUserMedia({video: {width: {ideal: 640}, facingMode: 'user'}});
  } catch (error) {
    return say(refusals[error.name] || 'The camera could not be started; try again.');
  }
  const video = part('video');
  video.srcObject = stream;
  await video.play();
  part('.photo').style.setProperty('--ratio', video.videoWidth / video.videoHeight);
  answered = [];
  show(true);
  run(stream);
};

const frame = async () => {
  const video = part('video');
  canvas.width = WIDTH;
  canvas.height = Math.round((WIDTH * video.videoHeight) / video.videoWidth);
  canvas.getContext('2d').drawImage(video, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob(done, 'image/jpeg', 0.9));
};

const box = (face, index) => {
  const [left, top, width, height] = face.box;
  const outline = document.createElement('span');
  outline.className = index ? 'face-box' : 'face-box largest'; // the bars are about the largest
  const place = {left: 1 - left - width, top, width, height}; // the picture is mirrored
  for (const [edge, share] of Object.entries(place)) outline.style[edge] = `${100 * share}%`;
  outline.append(Object.assign(document.createElement('span'), {textContent: face.label}));
  return outline;
};

const bar = ([name]) => {
  const row = document.createElement('li');
  row.innerHTML = '<span></span><i class="track"><i></i></i><b></b>';
  row.firstChild.textContent = name;
  row.querySelector('i i').style.background = props.colours[name];
  return row;
};

const draw = (seen) => {
  part('.found').replaceChildren(...seen.faces.map(box));
  const bars = part('.share-bars');
  if (seen.shares.length !== bars.children.length) bars.replaceChildren(...seen.shares.map(bar));
  seen.shares.forEach(([, share], index) => {
    bars.children[index].querySelector('i i').style.width = `${100 * share}%`;
    bars.children[index].querySelector('b').textContent = `${Math.round(100 * share)}%`;
  });
  if (performance.now() - worded < WORDS) return;
  worded = performance.now();
  part('.seen h2').textContent = seen.words;
  part('.seen .lead').textContent = seen.lead;
};

// Frames answered in the last two seconds, and the middle of the times that they took there and back.
const measure = (took) => {
  const now = performance.now();
  answered = [...answered, [now, took]].filter(([when]) => now - when < 2000);
  const times = answered.map(([, time]) => time).sort((one, other) => one - other);
  const rate = answered.length > 1 ? (1000 * (answered.length - 1)) / (now - answered[0][0]) : 0;
  if (rate) part('.speed').textContent = `${rate.toFixed(1)} frames a second, ${Math.round(times[times.length >> 1])} ms each`;
};

const run = async (mine) => {
  let failures = 0;
  while (stream === mine) {
    const begin = performance.now();
    const file = new File([await frame()], 'frame.jpg', {type: 'image/jpeg'});
    try {
      const seen = await server.seen({binary: true, data: {file, name: '', model: props.value[0], answer: props.value[1]}});
      if (stream !== mine) return;
      say(seen.error || '');
      if (!seen.error) { draw(seen); measure(performance.now() - begin); }
      failures = seen.error ? failures + 1 : 0;
    } catch {
      failures += 1;
    }
    if (failures > 4) {
      stop();
      if (!part('.notice').textContent) say('The app does not answer; start the camera again later.');
    }
    await new Promise((done) => setTimeout(done, Math.max(failures ? 500 : 0, SHORTEST - (performance.now() - begin))));
  }
};

// Out of sight, the camera stops by itself: another tab of the app or of the browser, or another way to look at photos.
new IntersectionObserver(() => { if (!element.checkVisibility()) stop(); }).observe(element);
document.addEventListener('visibilitychange', () => { if (document.hidden) stop(); });

element.addEventListener('click', (event) => {
  if (!event.target.closest('.controls button')) return;
  if (stream) stop(); else start();
});
