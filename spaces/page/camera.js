// The live camera: one frame is under way at a time, so that a slow device gets fewer of them, never a queue.

import {drawn} from './photos.js';

const WIDTH = 384; // pixels of a frame that is looked at
const SHORTEST = 66; // milliseconds from one frame to the next: more than fifteen a second help no eye
const REFUSALS = {
  NotAllowedError: 'The browser did not allow the camera; allow it beside the address and start again.',
  NotFoundError: 'No camera was found; connect one and start again.',
  NotReadableError: 'Another program is using the camera; close it and start again.',
};
const STILL = 'Photos and examples still work.';

/** A camera in a video element; `look` answers a frame's pixels, `draw` shows the answer, `say` a sentence. */
export const camera = ({video, look, draw, say}) => {
  let stream = null;

  const stop = () => {
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    video.srcObject = null;
  };

  const start = async () => {
    if (!navigator.mediaDevices) { say(`Browsers allow the camera on secure pages (https) only. ${STILL}`); return false; }
    try {
      stream = await navigator.mediaDevices.getUserMedia({video: {width: {ideal: 640}, facingMode: 'user'}});
    } catch (error) {
      say(`${REFUSALS[error.name] ?? 'The camera could not be started; try again.'} ${STILL}`);
      return false;
    }
    video.srcObject = stream;
    await video.play();
    run(stream);
    return true;
  };

  const run = async (mine) => {
    while (stream === mine) {
      const begin = performance.now();
      const frame = drawn(video, WIDTH, Math.round((WIDTH * video.videoHeight) / video.videoWidth));
      const faces = await look(frame);
      if (stream !== mine) return;
      draw(faces, frame, performance.now() - begin);
      await new Promise((done) => { setTimeout(done, SHORTEST - (performance.now() - begin)); });
    }
  };

  return {start, stop, isOn: () => stream !== null};
};
