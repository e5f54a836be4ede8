// A named expression on a face, in the photo's own pixels: inference/transfer of the app with the landmark editor.

import {align, sideInPhoto, withChange} from './alignment.js';
import {painted} from './painting.js';
import {roundEven, toGrey} from './pictures.js';
import {MOUTH_HIDDEN} from './quality.js';
import {asInput} from './votes.js';

export const SIDE = 256; // pixels of an edited crop
const [SMALLEST_SIDE, LARGEST_SIDE] = [64, 1024]; // of a crop that goes back into its photo
// The editor is trained on visible changes: below this share of the way, the edit of this share is scaled down.
const SCALED_BELOW = 0.3;
const [WHOLE, NONE] = [0.46, 0.6]; // of the crop's height: above, an edit of a face with a hidden mouth is whole; below, none

/** The landmarks and the expression code of a face; kept, since they do not change with what is wanted. */
export const readFace = async (networks, {editor}, photo, face) => {
  const input = asInput(toGrey(align(photo, face.points, editor.size)));
  return {input, ...await networks.reader(input)};
};

/** What has to be done to a face that was read: `amount` goes from 0, as it is, to 1, the whole expression, and beyond. */
export const editTowards = async (networks, {editor}, face, read, name, amount) => {
  const whole = Math.max(amount, SCALED_BELOW);
  const target = read.own.map((own, unit) => own + whole * (editor.prototypes[name][unit] - own));
  const parts = await networks.editor(read, target);
  const share = amount / whole;
  const hidden = face.notes.includes(MOUTH_HIDDEN);
  const cells = Math.sqrt(parts.shading.length);
  const moved = (values) => ({
    side: cells,
    values: values.map((value, place) => value * share * (hidden ? shareOfRow(Math.floor(place / cells), cells) : 1)),
  });
  const whereMouth = (values) => ({side: editor.size, values});
  return {
    flow: [moved(parts.flow.subarray(0, cells * cells)), moved(parts.flow.subarray(cells * cells))],
    shading: moved(parts.shading),
    mask: whereMouth(parts.mask.map((value) => (hidden ? 0 : value * share))),
    paint: whereMouth(parts.paint),
    inside: whereMouth(parts.inside),
  };
};

/** A mouth that something hides stays as it is: the edit fades above it. */
const shareOfRow = (row, rows) => Math.min(1, Math.max(0, (NONE - (row + 0.5) / rows) / (NONE - WHOLE)));

/** The crop before and after an edit. */
export const editedCrop = (photo, face, edit, side = SIDE) => {
  const before = align(photo, face.points, side);
  return {before, after: painted(before, edit)};
};

/** The whole photo with its face edited in place; pixels that the edit leaves alone stay exactly. */
export const editedPhoto = (photo, face, edit) => {
  const side = roundEven(Math.min(Math.max(sideInPhoto(face.points), SMALLEST_SIDE), LARGEST_SIDE));
  const {before, after} = editedCrop(photo, face, edit, side);
  return withChange(photo, before, after, face.points);
};
