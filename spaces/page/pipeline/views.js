// Parts of a photo as the detector sees them, with the way back into the photo: faces/views.py of the app.

import {meanColour, picture, rectangle, resize, roundEven, transform} from './pictures.js';

const LEAST_SIDE = 32; // pixels each way that the network needs

const pointInPhoto = ([[a, b, c], [d, e, f]], [x, y]) => [a * x + b * y + c, d * x + e * y + f];

/** Points of a view in photo pixels. */
export const pointsInPhoto = (view, points) => points.map((point) => pointInPhoto(view.toPhoto, point));

/** The upright box in photo pixels around the ellipse that fills a box of the view. */
export const boxInPhoto = (view, [left, top, right, bottom]) => {
  const [x, y] = pointInPhoto(view.toPhoto, [(left + right) / 2, (top + bottom) / 2]);
  const [halfWidth, halfHeight] = [(right - left) / 2, (bottom - top) / 2];
  const [across, down] = view.toPhoto.map(([along, over]) => Math.hypot(along * halfWidth, over * halfHeight));
  return [x - across, y - down, x + across, y + down];
};

/** A region scaled to `side` on its longer side; what lies beyond the photo is its mean colour. */
export const cut = (photo, [left, top, right, bottom], side) => {
  const scale = side / Math.max(right - left, bottom - top);
  const [width, height] = [right - left, bottom - top].map((length) => Math.max(LEAST_SIDE, roundEven(length * scale)));
  const [x0, y0] = [left, top].map((begin) => Math.max(0, roundEven(begin)));
  const [x1, y1] = [Math.min(photo.width, roundEven(right)), Math.min(photo.height, roundEven(bottom))];
  const [wide, high] = [x1 - x0, y1 - y0].map((length) => Math.max(1, roundEven(length * scale)));
  const seen = resize(rectangle(photo, x0, y0, x1, y1), wide, high);
  const toPhoto = [[1 / scale, 0, left], [0, 1 / scale, top]];
  if (wide === width && high === height) return {pixels: seen, toPhoto};
  const canvas = picture(width, height, 3);
  meanColour(seen).forEach((mean, band) => {
    for (let place = band; place < canvas.data.length; place += 3) canvas.data[place] = mean;
  });
  const [x, y] = [Math.max(0, roundEven((x0 - left) * scale)), Math.max(0, roundEven((y0 - top) * scale))];
  for (let row = 0; row < Math.min(high, height - y); row += 1) {
    const line = seen.data.subarray(3 * row * wide, 3 * (row * wide + Math.min(wide, width - x)));
    canvas.data.set(line, 3 * ((y + row) * width + x));
  }
  return {pixels: canvas, toPhoto};
};

/** The view turned anticlockwise about its middle; by other than quarter turns it loses its corners. */
export const turned = (view, degrees) => {
  if (degrees % 360 === 0) return view;
  const {width, height} = view.pixels;
  const angle = (degrees * Math.PI) / 180;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const pixels = degrees % 90 === 0 ? quarters(view.pixels, roundEven(degrees / 90)) : rotated(view.pixels, angle);
  const [middleX, middleY] = [pixels.width / 2, pixels.height / 2];
  const shift = [width / 2 - (cos * middleX - sin * middleY), height / 2 - (sin * middleX + cos * middleY)];
  const toPhoto = view.toPhoto.map(([a, b, c]) => [a * cos + b * sin, b * cos - a * sin, a * shift[0] + b * shift[1] + c]);
  return {pixels, toPhoto};
};

const quarters = (pixels, turns) => {
  const way = ((turns % 4) + 4) % 4;
  const {width, height} = pixels;
  const made = way % 2 ? picture(height, width, 3) : picture(width, height, 3);
  for (let row = 0; row < made.height; row += 1) {
    for (let column = 0; column < made.width; column += 1) {
      const [x, y] = [[column, row], [width - 1 - row, column], [width - 1 - column, height - 1 - row], [row, height - 1 - column]][way];
      const from = 3 * (y * width + x);
      made.data.set(pixels.data.subarray(from, from + 3), 3 * (row * made.width + column));
    }
  }
  return made;
};

const rotated = (pixels, angle) => {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const [x, y] = [pixels.width / 2, pixels.height / 2];
  const matrix = [[cos, -sin, x - cos * x + sin * y], [sin, cos, y - sin * x - cos * y]];
  return transform(pixels, matrix, pixels.width, pixels.height, meanColour(pixels).map(Math.trunc));
};

/** Regions no longer than `longest` that cover a photo; what is smaller than the overlap lies whole in one. */
export const tiles = (height, width, longest, common) =>
  spans(height, longest, common).flatMap(([top, bottom]) =>
    spans(width, longest, common).map(([left, right]) => [left, top, right, bottom]));

const spans = (length, longest, common) => {
  const count = Math.max(1, Math.ceil((length - common) / (longest - common)));
  const span = (length + (count - 1) * common) / count;
  return Array.from({length: count}, (_, number) => [number * (span - common), number * (span - common) + span]);
};

/** A box with a border on each side, in parts of its longer side. */
export const grown = ([left, top, right, bottom], border) => {
  const extra = border * Math.max(right - left, bottom - top);
  return [left - extra, top - extra, right + extra, bottom + extra];
};

/** The square about the middle of a box that holds it. */
export const squared = ([left, top, right, bottom]) => {
  const [x, y, half] = [(left + right) / 2, (top + bottom) / 2, Math.max(right - left, bottom - top) / 2];
  return [x - half, y - half, x + half, y + half];
};

export const area = ([left, top, right, bottom]) => (right - left) * (bottom - top);

const intersection = (one, other) => {
  const width = Math.min(one[2], other[2]) - Math.max(one[0], other[0]);
  const height = Math.min(one[3], other[3]) - Math.max(one[1], other[1]);
  return width > 0 && height > 0 ? width * height : 0;
};

/** Intersection over union of two boxes. */
export const overlap = (one, other) => {
  const common = intersection(one, other);
  return common > 0 ? common / (area(one) + area(other) - common) : 0;
};

/** Which part of the smaller of two boxes the other covers. */
export const covered = (one, other) => {
  const common = intersection(one, other);
  return common > 0 ? common / Math.min(area(one), area(other)) : 0;
};
