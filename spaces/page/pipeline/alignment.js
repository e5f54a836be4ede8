// Alignment of a face to the one template that every model shares, and the way back: faces/alignment.py of the app.

import {picture, rectangle, reduce, resize, roundEven, toGrey, transform} from './pictures.js';

// Picture-left eye, picture-right eye, nose tip, picture-left and picture-right mouth corner; fractions of the side.
export const TEMPLATE = [[0.33, 0.40], [0.67, 0.40], [0.50, 0.577], [0.36, 0.749], [0.64, 0.749]];
// Beyond the photo's edge the mirrored picture fades into its mean between these distances, in fractions of the crop.
const [FADE_FROM, FADE_TO] = [0.08, 0.30];

/** The least-squares rotation, scale and shift (Umeyama 1991) from photo pixels to those of a crop. */
export const similarity = (points, size) => {
  const places = TEMPLATE.map((place) => place.map((share) => share * size));
  const mean = (list, axis) => list.reduce((sum, point) => sum + point[axis], 0) / list.length;
  const [fromX, fromY, toX, toY] = [mean(points, 0), mean(points, 1), mean(places, 0), mean(places, 1)];
  let [spread, along, across] = [0, 0, 0];
  points.forEach(([x, y], index) => {
    const [sx, sy, tx, ty] = [x - fromX, y - fromY, places[index][0] - toX, places[index][1] - toY];
    spread += sx * sx + sy * sy;
    along += sx * tx + sy * ty;
    across += sx * ty - sy * tx;
  });
  const [a, b] = [along / spread, across / spread];
  return [[a, -b, toX - a * fromX + b * fromY], [b, a, toY - b * fromX - a * fromY]];
};

/** The way back. */
export const inverse = ([[a, b, c], [d, e, f]]) => {
  const size = a * e - b * d;
  return [[e / size, -b / size, (b * f - e * c) / size], [-d / size, a / size, (d * c - a * f) / size]];
};

const scaleOf = (matrix) => Math.hypot(matrix[0][0], matrix[1][0]);

/** The side of the crop where it lies in its photo, pixels: finer detail is not in the picture. */
export const sideInPhoto = (points) => 1 / scaleOf(similarity(points, 1));

/** The face as a square crop on the template, antialiased; beyond the photo it is mirrored and fades into its mean. */
export const align = (photo, points, size, inGrey = false) => {
  const forward = similarity(points, size);
  const backward = inverse(forward);
  const scale = scaleOf(forward);
  const [left, top, right, bottom] = bounds(backward, size);
  // Shrink by a whole factor first (exact box filter), then sample no coarser than the pixels left, and average.
  const shrink = Math.max(1, Math.floor(0.5 / scale));
  const region = mirrored(photo, left, top, right, bottom);
  const image = reduce(inGrey ? toGrey(region) : region, shrink);
  const oversample = Math.ceil(1 / (scale * shrink) - 1e-9);
  const toRegion = backward.map(([a, b, c], axis) =>
    [a / shrink / oversample, b / shrink / oversample, (c - [left, top][axis]) / shrink]);
  const crop = reduce(transform(image, toRegion, size * oversample, size * oversample), oversample);
  const within = left >= 0 && top >= 0 && right <= photo.width && bottom <= photo.height;
  return within ? crop : faded(crop, backward, photo);
};

/** The photo pixels under the crop, with two to spare for the cubic filter. */
const bounds = ([[a, b, c], [d, e, f]], size) => {
  const corners = [[0, 0], [size, 0], [0, size], [size, size]];
  const [xs, ys] = [corners.map(([x, y]) => a * x + b * y + c), corners.map(([x, y]) => d * x + e * y + f)];
  return [Math.floor(Math.min(...xs)) - 2, Math.floor(Math.min(...ys)) - 2, Math.ceil(Math.max(...xs)) + 2, Math.ceil(Math.max(...ys)) + 2];
};

/** A rectangle of the photo that may reach beyond it; there the photo is mirrored, again and again if need be. */
const mirrored = (photo, left, top, right, bottom) => {
  if (left >= 0 && top >= 0 && right <= photo.width && bottom <= photo.height) return rectangle(photo, left, top, right, bottom);
  const within = (begin, end, length) => Int32Array.from({length: end - begin}, (_, index) => {
    const turn = (((begin + index) % (2 * length)) + 2 * length) % (2 * length);
    return Math.min(turn, 2 * length - 1 - turn);
  });
  const {channels, data} = photo;
  const [rows, columns] = [within(top, bottom, photo.height), within(left, right, photo.width)];
  const made = picture(right - left, bottom - top, channels);
  let to = 0;
  for (let row = 0; row < rows.length; row += 1) {
    const line = rows[row] * photo.width;
    for (let column = 0; column < columns.length; column += 1) {
      const from = (line + columns[column]) * channels;
      for (let band = 0; band < channels; band += 1) made.data[to++] = data[from + band];
    }
  }
  return made;
};

const faded = (crop, [[a, b, c], [d, e, f]], photo) => {
  const {width: size, channels, data} = crop;
  const beyond = new Float64Array(size * size);
  const sums = new Array(channels).fill(0);
  let inside = 0;
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < size; column += 1) {
      const x = a * (column + 0.5) + b * (row + 0.5) + c;
      const y = d * (column + 0.5) + e * (row + 0.5) + f;
      const pixel = row * size + column;
      beyond[pixel] = Math.max(-x, x - photo.width, -y, y - photo.height);
      if (beyond[pixel] > 0) continue;
      inside += 1;
      for (let band = 0; band < channels; band += 1) sums[band] += data[pixel * channels + band];
    }
  }
  if (!inside) return crop;
  const side = Math.hypot(a, d) * size;
  const means = sums.map((sum) => sum / inside);
  const made = picture(size, size, channels, data.slice());
  for (let pixel = 0; pixel < beyond.length; pixel += 1) {
    const kept = Math.max(0, (FADE_TO - beyond[pixel] / side) / (FADE_TO - FADE_FROM));
    if (kept >= 1) continue;
    for (let band = 0; band < channels; band += 1) {
      const place = pixel * channels + band;
      made.data[place] = Math.trunc(means[band] + (data[place] - means[band]) * kept + 0.5);
    }
  }
  return made;
};

/** A copy of the photo with an edited crop blended in under a soft ellipse. */
const pasted = (photo, crop, points) => {
  const forward = similarity(points, crop.width);
  const scale = scaleOf(forward);
  let [left, top, right, bottom] = bounds(inverse(forward), crop.width);
  [left, top, right, bottom] = [Math.max(left, 0), Math.max(top, 0), Math.min(right, photo.width), Math.min(bottom, photo.height)];
  const result = picture(photo.width, photo.height, 3, photo.data.slice());
  if (left >= right || top >= bottom) return result;
  const side = scale > 1 ? Math.max(1, roundEven(crop.width / scale)) : crop.width; // no finer than the photo
  const fromPatch = forward.map(([a, b, c]) => [a, b, a * left + b * top + c].map((value) => (value * side) / crop.width));
  const [patch, weight] = [crop, softEllipse(crop.width)].map((one) =>
    transform(resize(one, side, side), fromPatch, right - left, bottom - top));
  for (let row = top; row < bottom; row += 1) {
    for (let column = left; column < right; column += 1) {
      const from = (row - top) * patch.width + column - left;
      const share = weight.data[from] / 255;
      for (let band = 0; band < 3; band += 1) {
        const to = 3 * (row * photo.width + column) + band;
        result.data[to] = roundEven(patch.data[3 * from + band] * share + photo.data[to] * (1 - share));
      }
    }
  }
  return result;
};

/** The photo with what an edit changed of its crop added: no other pixel is resampled, and detail stays. */
export const withChange = (photo, before, after, points) => {
  const [old, made] = [before, after].map((crop) => pasted(photo, crop, points).data);
  for (let place = 0; place < made.length; place += 1) {
    made[place] = Math.min(255, Math.max(0, photo.data[place] + made[place] - old[place]));
  }
  return picture(photo.width, photo.height, 3, made);
};

/** A mask that is full over the features and falls to nothing before the crop's edge. */
const softEllipse = (size) => {
  const mask = picture(size, size, 1);
  for (let row = 0; row < size; row += 1) {
    for (let column = 0; column < size; column += 1) {
      const radius = Math.hypot(((column + 0.5) / size - 0.5) / 0.48, ((row + 0.5) / size - 0.52) / 0.48);
      const falling = Math.min(1, Math.max(0, (1 - radius) / 0.3));
      mask.data[row * size + column] = roundEven(255 * falling ** 2 * (3 - 2 * falling));
    }
  }
  return mask;
};
