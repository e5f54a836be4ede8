// Pictures as the app has them, and what Pillow does to them, to the same grey level: the answers must be the app's.

/** A picture of whole numbers 0 to 255, row by row, `channels` values a pixel: 3 are red, green and blue. */
export const picture = (width, height, channels, data = new Uint8Array(width * height * channels)) =>
  ({width, height, channels, data});

/** The pixels of a canvas without their opacity. */
export const fromCanvas = ({width, height, data}) => {
  const made = picture(width, height, 3);
  for (let from = 0, to = 0; from < data.length; from += 4) {
    made.data[to++] = data[from];
    made.data[to++] = data[from + 1];
    made.data[to++] = data[from + 2];
  }
  return made;
};

/** The pixels of a picture, grey or colour, for a canvas. */
export const toCanvas = ({width, height, channels, data}) => {
  const made = new Uint8ClampedArray(4 * width * height);
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    for (let band = 0; band < 3; band += 1) made[4 * pixel + band] = data[channels * pixel + (channels === 3 ? band : 0)];
    made[4 * pixel + 3] = 255;
  }
  return new ImageData(made, width, height);
};

/** Luma (ITU-R BT.601) in 16-bit fixed point. */
export const toGrey = ({width, height, data}) => {
  const grey = picture(width, height, 1);
  for (let pixel = 0; pixel < width * height; pixel += 1) {
    grey.data[pixel] = (data[3 * pixel] * 19595 + data[3 * pixel + 1] * 38470 + data[3 * pixel + 2] * 7471 + 0x8000) >> 16;
  }
  return grey;
};

/** Python's round: halves go to the even number. */
export const roundEven = (value) => {
  const whole = Math.floor(value);
  const rest = value - whole;
  return rest > 0.5 || (rest === 0.5 && whole % 2 !== 0) ? whole + 1 : whole;
};

/** The mean of each channel. */
export const meanColour = ({channels, data}) => Array.from({length: channels}, (_, band) => {
  let sum = 0;
  for (let place = band; place < data.length; place += channels) sum += data[place];
  return (sum * channels) / data.length;
});

/** A rectangle of a picture that lies within it. */
export const rectangle = (from, left, top, right, bottom) => {
  const made = picture(right - left, bottom - top, from.channels);
  for (let row = top; row < bottom; row += 1) {
    const begin = (row * from.width + left) * from.channels;
    made.data.set(from.data.subarray(begin, begin + made.width * from.channels), (row - top) * made.width * from.channels);
  }
  return made;
};

/** The mean of blocks of pixels; the last ones may be smaller. */
export const reduce = (from, across, down = across) => {
  if (across === 1 && down === 1) return from;
  const made = picture(Math.ceil(from.width / across), Math.ceil(from.height / down), from.channels);
  for (let row = 0; row < made.height; row += 1) {
    for (let column = 0; column < made.width; column += 1) {
      const rows = Math.min(down, from.height - row * down);
      const columns = Math.min(across, from.width - column * across);
      const factor = Math.floor(2 ** 24 / (rows * columns)); // Pillow divides by multiplying
      for (let band = 0; band < from.channels; band += 1) {
        let sum = (rows * columns) >> 1;
        for (let y = 0; y < rows; y += 1) {
          let place = ((row * down + y) * from.width + column * across) * from.channels + band;
          for (let x = 0; x < columns; x += 1, place += from.channels) sum += from.data[place];
        }
        made.data[(row * made.width + column) * from.channels + band] = Math.floor((sum * factor) / 2 ** 24);
      }
    }
  }
  return made;
};

/** A picture at another size, antialiased (bicubic); large ones are reduced by a whole factor first. */
export const resize = (from, width, height) => {
  if (from.width === width && from.height === height) return from;
  const gap = 3;
  const across = Math.floor(from.width / width / gap) || 1;
  const down = Math.floor(from.height / height / gap) || 1;
  const small = reduce(from, across, down);
  return resampled(resampled(small, width, from.width / across, true), height, from.height / down, false);
};

const BITS = 22; // of the weights after the point
const cubic = (distance) => {
  const x = Math.abs(distance);
  if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
  return x < 2 ? (((x - 5) * x + 8) * x - 4) * -0.5 : 0;
};

/** For each place of a line of `size`: the first pixel it is made of, and the weights of that one and the next. */
const taps = (length, span, size) => {
  const scale = span / size;
  const wide = Math.max(scale, 1);
  return Array.from({length: size}, (_, index) => {
    const centre = (index + 0.5) * scale;
    const first = Math.max(0, Math.trunc(centre - 2 * wide + 0.5));
    const end = Math.min(length, Math.trunc(centre + 2 * wide + 0.5));
    const weights = Array.from({length: end - first}, (__, tap) => cubic((tap + first - centre + 0.5) / wide));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    return {first, weights: weights.map((weight) => Math.trunc((weight / total) * 2 ** BITS + (weight < 0 ? -0.5 : 0.5)))};
  });
};

/** One pass along rows or columns; `span` is how much of the line the new one shows. */
const resampled = (from, size, span, alongRows) => {
  const {width, height, channels, data} = from;
  const length = alongRows ? width : height;
  if (size === length && span === length) return from;
  const made = alongRows ? picture(size, height, channels) : picture(width, size, channels);
  const lines = alongRows ? height : 1;
  const step = alongRows ? channels : width * channels; // from one tap to the next: all values between have the same weights
  const sums = new Int32Array(step);
  const all = taps(length, span, size);
  let to = 0;
  for (let line = 0; line < lines; line += 1) {
    for (const {first, weights} of all) {
      let place = (line * length + first) * step;
      sums.fill(1 << (BITS - 1));
      for (const weight of weights) {
        for (let value = 0; value < step; value += 1) sums[value] += Math.imul(data[place + value], weight);
        place += step;
      }
      for (let value = 0; value < step; value += 1) made.data[to++] = Math.min(255, Math.max(0, sums[value] >> BITS));
    }
  }
  return made;
};

const bicubic = (a, b, c, d, share) =>
  b + share * (c - a + share * (2 * (a - b) + c - d + share * (b - a + d - c)));

/** The picture sampled where a 2 x 3 matrix sends the pixels of the new one; beyond it there is `fill`, or black. */
export const transform = (from, [[a, b, c], [d, e, f]], width, height, fill = null) => {
  const {channels, data} = from;
  const made = picture(width, height, channels);
  const columns = new Int32Array(4);
  const rows = new Float64Array(4);
  const line = from.width * channels;
  for (let row = 0; row < height; row += 1) {
    for (let column = 0; column < width; column += 1) {
      const x = a * (column + 0.5) + b * (row + 0.5) + c;
      const y = d * (column + 0.5) + e * (row + 0.5) + f;
      const to = (row * width + column) * channels;
      if (x < 0 || x >= from.width || y < 0 || y >= from.height) {
        if (fill) for (let band = 0; band < channels; band += 1) made.data[to + band] = fill[band];
        continue;
      }
      const left = Math.floor(x - 0.5) - 1;
      const top = Math.floor(y - 0.5) - 1;
      const across = x - 1.5 - left;
      const down = y - 1.5 - top;
      if (left >= 0 && top >= 0 && left + 4 <= from.width && top + 4 <= from.height) { // nearly everywhere
        for (let band = 0; band < channels; band += 1) {
          let place = (top * from.width + left) * channels + band;
          const first = bicubic(data[place], data[place + channels], data[place + 2 * channels], data[place + 3 * channels], across);
          place += line;
          const second = bicubic(data[place], data[place + channels], data[place + 2 * channels], data[place + 3 * channels], across);
          place += line;
          const third = bicubic(data[place], data[place + channels], data[place + 2 * channels], data[place + 3 * channels], across);
          place += line;
          const fourth = bicubic(data[place], data[place + channels], data[place + 2 * channels], data[place + 3 * channels], across);
          const value = bicubic(first, second, third, fourth, down);
          made.data[to + band] = value <= 0 ? 0 : value >= 255 ? 255 : Math.trunc(value);
        }
        continue;
      }
      for (let tap = 0; tap < 4; tap += 1) columns[tap] = Math.min(from.width - 1, Math.max(0, left + tap)) * channels;
      for (let band = 0; band < channels; band += 1) {
        for (let tap = 0; tap < 4; tap += 1) {
          if (tap && (top + tap < 0 || top + tap >= from.height)) { rows[tap] = rows[tap - 1]; continue; } // as Pillow does
          const begin = Math.min(from.height - 1, Math.max(0, top + tap)) * line + band;
          rows[tap] = bicubic(data[begin + columns[0]], data[begin + columns[1]], data[begin + columns[2]], data[begin + columns[3]], across);
        }
        const value = bicubic(rows[0], rows[1], rows[2], rows[3], down);
        made.data[to + band] = value <= 0 ? 0 : value >= 255 ? 255 : Math.trunc(value);
      }
    }
  }
  return made;
};
