// RetinaFace with a MobileNet-0.25: boxes, points and scores for one view of a photo; faces/retina.py of the app.

import {area, boxInPhoto, covered, overlap, pointsInPhoto} from './views.js';

// RetinaFace (Deng et al. 2020): two square anchors per cell of three grids, and the scale of its regressions.
const ANCHORS = [[8, [16, 32]], [16, [64, 128]], [32, [256, 512]]];
const CENTRE_VARIANCE = 0.1;
const SIZE_VARIANCE = 0.2;
const MEAN_BGR = [104, 117, 123];
const MIRRORED_POINTS = [1, 0, 2, 4, 3];
export const SAME_FACE = 0.4; // two boxes that overlap more (intersection over union) show one face
const INSIDE = 0.7; // so do two of which one lies in the other
const MUCH_LARGER = 4; // unless the surer one is much smaller

/** The network: `run` takes planes (batch, 3, height, width) and gives offsets, confidences and offsets of points. */
export class RetinaFace {
  constructor(run) { this.run = run; }

  /** Faces of a view in photo pixels, each once; seen twice over if `mirrored`, which halves the points' noise. */
  async faces(view, least, mirrored) {
    const {width, height} = view.pixels;
    const batch = mirrored ? 2 : 1;
    const [offsets, confidences, pointOffsets] = await this.run(planes(view.pixels, batch), [batch, 3, height, width]);
    const all = anchors(height, width);
    const found = Array.from({length: batch}, (_, row) => {
      const part = (values, each) => values.subarray(row * all.length * each, (row + 1) * all.length * each);
      return strongest(all, part(offsets, 4), part(confidences, 2), part(pointOffsets, 10), least);
    });
    const faces = mirrored ? average(found[0], found[1].map((face) => mirror(face, width))) : found[0];
    return faces.map(({box, points, score}) => ({box: boxInPhoto(view, box), points: pointsInPhoto(view, points), score}));
  }
}

/** The pixels as the network reads them, and beside them those of the mirror image. */
const planes = ({width, height, data}, batch) => {
  const made = new Float32Array(batch * 3 * width * height);
  let to = 0;
  for (let image = 0; image < batch; image += 1) {
    const step = image ? -3 : 3;
    for (let band = 0; band < 3; band += 1) {
      const mean = MEAN_BGR[band];
      for (let row = 0; row < height; row += 1) {
        let from = 3 * (row * width + (image ? width - 1 : 0)) + 2 - band;
        for (let column = 0; column < width; column += 1, from += step) made[to++] = data[from] - mean;
      }
    }
  }
  return made;
};

const ANCHORS_KEPT = 16; // sizes of views
const kept = new Map();

/** Centre and side of each anchor of a view of this size. */
const anchors = (height, width) => {
  const size = `${height}x${width}`;
  if (!kept.has(size)) {
    if (kept.size >= ANCHORS_KEPT) kept.delete(kept.keys().next().value);
    kept.set(size, ANCHORS.flatMap(([stride, sides]) => {
      const [rows, columns] = [Math.ceil(height / stride), Math.ceil(width / stride)];
      return Array.from({length: rows * columns * 2}, (_, index) => {
        const cell = index >> 1;
        return [((cell % columns) + 0.5) * stride, (Math.floor(cell / columns) + 0.5) * stride, sides[index % 2]];
      });
    }));
  }
  return kept.get(size);
};

/** The faces above a score, each once: weaker boxes that overlap a stronger one are dropped. */
const strongest = (all, offsets, confidences, pointOffsets, least) => {
  const order = [];
  for (let index = 0; index < all.length; index += 1) if (confidences[2 * index + 1] > least) order.push(index);
  order.sort((one, other) => confidences[2 * other + 1] - confidences[2 * one + 1]);
  const faces = [];
  for (const index of order) {
    const [x, y, side] = all[index];
    const [right, down, wide, high] = offsets.subarray(4 * index, 4 * index + 4);
    const middle = [x + right * CENTRE_VARIANCE * side, y + down * CENTRE_VARIANCE * side];
    const half = [0.5 * side * Math.exp(wide * SIZE_VARIANCE), 0.5 * side * Math.exp(high * SIZE_VARIANCE)];
    const box = [middle[0] - half[0], middle[1] - half[1], middle[0] + half[0], middle[1] + half[1]];
    if (faces.some((face) => overlap(box, face.box) >= SAME_FACE)) continue;
    const points = Array.from({length: 5}, (_, point) => [0, 1].map((axis) =>
      [x, y][axis] + pointOffsets[10 * index + 2 * point + axis] * CENTRE_VARIANCE * side));
    faces.push({box, points, score: confidences[2 * index + 1]});
  }
  return faces;
};

/** Faces of several looks, the surest first and each once. */
export const distinct = (faces) => {
  const kept = [];
  for (const face of [...faces].sort((one, other) => other.score - one.score)) {
    if (!kept.some((other) => same(other, face))) kept.push(face);
  }
  return kept;
};

/** Whether they show one face, or the less sure one a part of the other. */
const same = (surer, other) =>
  (covered(surer.box, other.box) >= INSIDE && area(other.box) <= area(surer.box) * MUCH_LARGER)
  || overlap(surer.box, other.box) >= SAME_FACE;

/** Two lists of the same faces as one: those in both are averaged, which halves the noise of their points. */
const average = (faces, others) => {
  let left = others;
  const result = faces.map((face) => {
    const twin = best(left, (other) => overlap(face.box, other.box));
    if (!twin || overlap(face.box, twin.box) < SAME_FACE) return face;
    left = left.filter((other) => other !== twin);
    const half = (one, other) => (one + other) / 2;
    return {
      box: face.box.map((edge, index) => half(edge, twin.box[index])),
      points: face.points.map((point, index) => point.map((place, axis) => half(place, twin.points[index][axis]))),
      score: half(face.score, twin.score),
    };
  });
  return [...result, ...left];
};

const mirror = ({box: [left, top, right, bottom], points, score}, width) => ({
  box: [width - right, top, width - left, bottom],
  points: MIRRORED_POINTS.map((point) => [width - points[point][0], points[point][1]]),
  score,
});

/** The first of those with the largest value; undefined of none. */
export const best = (things, value) =>
  things.reduce((most, one) => (most === undefined || value(one) > value(most) ? one : most), undefined);
