// What about a face in a photo may make the answer less reliable: faces/quality.py and faces/hidden_mouth.py of the app.

import {TEMPLATE, align, inverse, similarity} from './alignment.js';

export const TILTED = 'This face is tilted; it was turned upright first.';
export const LYING = 'This face lies on its side; it was turned upright first.';
export const UPSIDE_DOWN = 'This face is upside down; it was turned upright first.';
export const MANY_FACES = 'This photo shows very many faces: only the clearest are here, and smaller faces may be missing.';
export const MOUTH_HIDDEN = 'The mouth of this face seems hidden, or is not a person\'s, so only the rest of the face could be read.';
const HARMLESS = [TILTED, LYING, UPSIDE_DOWN, MANY_FACES]; // notes that take nothing from the answer

const SIDE = 96; // of the aligned grey crop on which a face is judged, pixels
const SMALL_EYE_DISTANCE = 12; // photo pixels between the eyes
const TURNED = 0.22; // the nose's distance from the middle of the eyes, along the eye line, in eye distances
const WAYS_UP = [[135, UPSIDE_DOWN], [60, LYING], [30, TILTED]]; // degrees of roll from which each is said
const BLURRED = 3; // mean absolute Laplacian of the crop, in grey levels
const [DARK, FLAT, BRIGHT] = [45, 12, 225]; // mean, standard deviation and mean of the crop, in grey levels
const CUT_OFF = 0.45; // part of the crop that lies beyond the photo
const PLAIN_EYES = [14, 0.3];
const [DARK_EYES, OF_CHEEKS] = [0.9, 0.5];
const PART = 9; // half the height of an eye's surroundings in the crop, pixels
const HIDDEN = [0, 3]; // log of the odds that a mouth is hidden, of a face to the camera and of a turned one
const DOUBTFUL = 0.96; // the detector's score
// Of the mouth: its surroundings and, for contrast, the face, in pixels of the crop; cells and directions of edges.
const [ROWS, COLUMNS, WHOLE] = [[52, 92], [20, 76], [8, 88]];
const [CELL, WAYS] = [8, 9];

/** The notes that lower what an answer claims. */
export const doubts = (notes) => notes.filter((note) => !HARMLESS.includes(note));

/** One sentence for each doubt about this face; `mouth` holds the weights and bias that know a hidden mouth. */
export const qualityNotes = (photo, face, mouth) => {
  const crop = align(photo, face.points, SIDE, true).data;
  const all = statistics(crop);
  const [left, right, nose] = face.points;
  const eyes = [right[0] - left[0], right[1] - left[1]];
  const distance = Math.max(Math.hypot(...eyes), 1e-6);
  const notes = [];
  if (distance < SMALL_EYE_DISTANCE) notes.push('This face is small in the photo, so fine details are missing.');
  const shift = (nose[0] - (left[0] + right[0]) / 2) * eyes[0] + (nose[1] - (left[1] + right[1]) / 2) * eyes[1];
  const turned = Math.abs(shift / distance ** 2) > TURNED;
  if (turned) notes.push('This face is turned to the side, so half of its expression is hard to see.');
  const roll = Math.abs((Math.atan2(eyes[1], eyes[0]) * 180) / Math.PI);
  const way = WAYS_UP.find(([least]) => roll > least);
  if (way) notes.push(way[1]);
  const dark = all.mean < DARK; // a dark face has faint edges, blurred or not
  const blurred = !dark && distance >= SMALL_EYE_DISTANCE && sharpness(crop) < BLURRED;
  if (blurred) notes.push('This face is blurred, so only its rough shape could be read.');
  if (dark) notes.push('This face is dark; more light would help.');
  else if (all.mean > BRIGHT || all.deviation < FLAT) {
    notes.push('This face has little contrast; a more evenly lit photo would help.');
  }
  const shown = !blurred && all.deviation >= FLAT;
  const noEyes = shown && eyesHidden(crop, all.deviation);
  const noMouth = shown && hiddenMouth(crop, mouth) > HIDDEN[Number(turned)];
  if (noEyes) notes.push('The eyes of this face seem hidden, so only the rest of it could be read.');
  if (noMouth) notes.push(MOUTH_HIDDEN);
  if (face.score < DOUBTFUL && !(noEyes || noMouth)) {
    notes.push('This does not look like a clear photo of a person\'s face. Part of it may be hidden, or it may be a drawing, a statue or an animal.');
  }
  if (partBeyond(photo, face) > CUT_OFF) {
    notes.push('This face is cut off by the edge of the photo, and the missing part was filled in.');
  }
  return notes;
};

const statistics = (values) => {
  let [sum, squares] = [0, 0];
  for (const value of values) sum += value;
  const mean = sum / values.length;
  for (const value of values) squares += (value - mean) ** 2;
  return {mean, deviation: Math.sqrt(squares / values.length)};
};

const sharpness = (grey) => {
  let sum = 0;
  for (let row = 1; row < SIDE - 1; row += 1) {
    for (let place = row * SIDE + 1; place < row * SIDE + SIDE - 1; place += 1) {
      sum += Math.abs(grey[place - SIDE] + grey[place + SIDE] + grey[place - 1] + grey[place + 1] - 4 * grey[place]);
    }
  }
  return sum / (SIDE - 2) ** 2;
};

const part = (grey, top, bottom, left, right) => {
  const rows = [];
  for (let row = top; row < bottom; row += 1) rows.push(...grey.subarray(row * SIDE + left, row * SIDE + right));
  return rows;
};

const surroundings = (grey, [x, y], half) =>
  part(grey, Math.trunc(y - half), Math.trunc(y + half) + 1, Math.trunc(x - half), Math.trunc(x + half) + 1);

/** Whether both eyes are too plain or too dark to be seen. */
const eyesHidden = (grey, deviation) => {
  const points = TEMPLATE.map(([x, y]) => [x * SIDE, y * SIDE]);
  const around = points.slice(0, 2).map((eye) => surroundings(grey, eye, PART));
  const cheeks = points.slice(0, 2).flatMap(([x]) => surroundings(grey, [x, points[2][1]], 6)).sort((a, b) => a - b);
  const middle = cheeks.length >> 1;
  const dark = OF_CHEEKS * (cheeks.length % 2 ? cheeks[middle] : (cheeks[middle - 1] + cheeks[middle]) / 2);
  const plain = around.every((eye) => {
    const spread = statistics(eye).deviation;
    return spread < PLAIN_EYES[0] && spread < PLAIN_EYES[1] * deviation;
  });
  return plain || around.every((eye) => {
    const wide = eye.length / (2 * PART + 1);
    const inner = eye.slice(4 * wide, 15 * wide);
    return inner.filter((value) => value < dark).length / inner.length >= DARK_EYES;
  });
};

/** Log of the odds that something is before the mouth: edges around it (HOG), weighed as logistic regression learnt it. */
const hiddenMouth = (grey, {weights, bias}) => {
  const [high, wide] = [(ROWS[1] - ROWS[0]) / CELL, (COLUMNS[1] - COLUMNS[0]) / CELL];
  const cells = new Float64Array(high * wide * WAYS);
  for (let row = ROWS[0]; row < ROWS[1]; row += 1) {
    for (let column = COLUMNS[0]; column < COLUMNS[1]; column += 1) {
      const place = row * SIDE + column;
      const [across, down] = [grey[place + 1] - grey[place - 1], grey[place + SIDE] - grey[place - SIDE]];
      const strength = Math.hypot(across, down);
      const turn = Math.atan2(down, across);
      const way = ((turn < 0 ? turn + Math.PI : turn) / Math.PI) * WAYS;
      const share = way % 1;
      const lower = Math.floor(way) % WAYS;
      const cell = (((row - ROWS[0]) >> 3) * wide + ((column - COLUMNS[0]) >> 3)) * WAYS;
      cells[cell + lower] += strength * (1 - share);
      cells[cell + ((lower + 1) % WAYS)] += strength * share;
    }
  }
  const length = Math.hypot(...cells) + 1e-3;
  const contrast = statistics(part(grey, WHOLE[0], WHOLE[1], WHOLE[0], WHOLE[1])).deviation + 1;
  let odds = bias;
  cells.forEach((strength, index) => {
    odds += weights[index] * Math.sqrt(strength / length);
    odds += weights[cells.length + index] * Math.sqrt(strength / (CELL ** 2 * contrast));
  });
  return odds;
};

/** The part of the aligned crop, 0..1, that lies beyond the photo. */
const partBeyond = (photo, face) => {
  const [[a, b, c], [d, e, f]] = inverse(similarity(face.points, 1));
  let inside = 0;
  for (let row = 0; row <= 20; row += 1) {
    for (let column = 0; column <= 20; column += 1) {
      const [x, y] = [(a * column + b * row) / 20 + c, (d * column + e * row) / 20 + f];
      if (x >= 0 && y >= 0 && x <= photo.width && y <= photo.height) inside += 1;
    }
  }
  return 1 - inside / 21 ** 2;
};
