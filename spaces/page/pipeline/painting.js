// An edit put on the photo's own pixels, at any size and in its colours: layers/painting.py and layers/warping.py of the app.

import {picture, roundEven} from './pictures.js';

const FLOOR = 0.16; // of brightness from 0 to 2, as layers/shading.py has it
const AROUND = 0.06; // of the mask's side: how far from the paint the skin is looked at
const LUMA = [0.299, 0.587, 0.114];

const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
const luma = (colour) => LUMA[0] * colour[0] + LUMA[1] * colour[1] + LUMA[2] * colour[2];

/** A crop of `photo` after an edit; fields are {side, values} with the picture 2 wide and 2 high, as the editor gives them. */
export const painted = (photo, edit) => {
  const side = photo.width;
  const warped = warpedAndShaded(photo, edit);
  const result = picture(side, side, 3);
  const [mask, paint, inside] = [edit.mask, edit.paint, edit.inside].map((field) => enlarged(field, side));
  const skin = skinAround(warped, side, edit.mask);
  const [skinLuma, skinChroma] = [luma(skin), skin.map((value) => value - luma(skin))];
  for (let pixel = 0; pixel < side * side; pixel += 1) {
    const colour = [warped[3 * pixel], warped[3 * pixel + 1], warped[3 * pixel + 2]];
    const own = luma(colour);
    const wanted = mouthColour(paint[pixel], skinLuma, skinChroma);
    for (let band = 0; band < 3; band += 1) {
      const between = inside[pixel] * (wanted[band] - (colour[band] - own));
      const value = colour[band] + mask[pixel] * (paint[pixel] - own + between);
      result.data[3 * pixel + band] = roundEven((clamp(value, -1, 1) + 1) * 127.5);
    }
  }
  return result;
};

/** What the skin becomes before anything is painted, in [-1, 1]; at sharp edges it may leave the range a little. */
const warpedAndShaded = (photo, {flow, shading}) => {
  const side = photo.width;
  const [right, down, brighter] = [...flow, shading].map((field) => enlarged(field, side));
  const made = new Float64Array(3 * side * side);
  for (let row = 0; row < side; row += 1) {
    for (let column = 0; column < side; column += 1) {
      const pixel = row * side + column;
      const factor = Math.exp(brighter[pixel]);
      const taps = tapsAround(column + (right[pixel] * side) / 2, row + (down[pixel] * side) / 2, side);
      for (let band = 0; band < 3; band += 1) {
        let sum = 0;
        for (const [place, weight] of taps) sum += weight * photo.data[3 * place + band];
        made[3 * pixel + band] = (sum / 127.5 + FLOOR) * factor - 1 - FLOOR;
      }
    }
  }
  return made;
};

/** The sixteen pixels around a place, and their weights: cubic convolution; beyond the edge the last pixel goes on. */
const tapsAround = (x, y, side) => {
  const [left, top] = [Math.floor(x), Math.floor(y)];
  const [across, over] = [cubicWeights(x - left), cubicWeights(y - top)];
  const taps = [];
  for (let down = 0; down < 4; down += 1) {
    const line = clamp(top + down - 1, 0, side - 1) * side;
    for (let along = 0; along < 4; along += 1) {
      taps.push([line + clamp(left + along - 1, 0, side - 1), over[down] * across[along]]);
    }
  }
  return taps;
};

const cubicWeights = (share) => {
  const near = (x) => (1.25 * x - 2.25) * x * x + 1; // a = -0.75, as PyTorch has it
  const far = (x) => ((-0.75 * x + 3.75) * x - 6) * x + 3;
  return [far(share + 1), near(share), near(1 - share), far(2 - share)];
};

/** A field at the resolution of a larger picture (bilinear). */
const enlarged = ({side: from, values}, side) => {
  if (from === side) return values;
  const line = Array.from({length: side}, (_, index) => {
    const place = Math.max(0, ((index + 0.5) * from) / side - 0.5);
    const first = Math.floor(place);
    return [first, Math.min(first + 1, from - 1), place - first];
  });
  const made = new Float64Array(side * side);
  line.forEach(([top, bottom, down], row) => {
    line.forEach(([left, right, across], column) => {
      const [above, below] = [top, bottom].map((y) => values[y * from + left] * (1 - across) + values[y * from + right] * across);
      made[row * side + column] = above * (1 - down) + below * down;
    });
  });
  return made;
};

/** The chroma of the inside of a mouth of this luma: gums and tongue are red, teeth hardly have a colour. */
const mouthColour = (paint, skinLuma, skinChroma) => {
  const brightness = (paint + 1) / Math.max(skinLuma + 1, 1e-3);
  const red = skinChroma[0] * Math.min(1.65 * brightness, clamp(2.1 - 1.3 * brightness, 0.38, 1));
  const blue = skinChroma[2] * Math.min(1.1 * brightness, 0.58);
  return [red, -(LUMA[0] * red + LUMA[2] * blue) / LUMA[1], blue];
};

/** The mean colour of the skin around what is painted. */
const skinAround = (colours, side, {side: cells, values}) => {
  const reach = Math.max(roundEven(AROUND * cells), 1);
  const touched = (row, column) => row >= 0 && column >= 0 && row < cells && column < cells && values[row * cells + column] > 0;
  const nearInRow = Array.from({length: cells * cells}, (_, place) => {
    for (let step = -reach; step <= reach; step += 1) if (touched(Math.floor(place / cells), (place % cells) + step)) return true;
    return false;
  });
  const sum = [0, 0, 0];
  let count = 0;
  for (let row = 0; row < cells; row += 1) {
    for (let column = 0; column < cells; column += 1) {
      if (touched(row, column)) continue;
      let near = false;
      for (let y = Math.max(0, row - reach); y <= Math.min(cells - 1, row + reach); y += 1) near ||= nearInRow[y * cells + column];
      if (!near) continue;
      count += 1;
      meanOfCell(colours, side, cells, row, column).forEach((value, band) => { sum[band] += value; });
    }
  }
  return sum.map((value) => value / Math.max(count, 1));
};

const meanOfCell = (colours, side, cells, row, column) => {
  const [top, left] = [row, column].map((cell) => Math.floor((cell * side) / cells));
  const [bottom, right] = [row, column].map((cell) => Math.ceil(((cell + 1) * side) / cells));
  const sum = [0, 0, 0];
  for (let y = top; y < bottom; y += 1) {
    for (let x = left; x < right; x += 1) for (let band = 0; band < 3; band += 1) sum[band] += colours[3 * (y * side + x) + band];
  }
  return sum.map((value) => value / ((bottom - top) * (right - left)));
};
