// Faces in photos: where each is, and its five points; small, lying and upside-down ones too. faces/detection.py of the app.

import {SAME_FACE, best, distinct} from './retina.js';
import {area, cut, grown, overlap, squared, tiles, turned} from './views.js';
import {roundEven} from './pictures.js';

export const MOST_FACES = 100; // of one photo, the surest
const SMALL_PICTURE = 200; // a picture no larger than this is taken for a face crop
// Border around the picture in fractions of its side, longer side in pixels of what the network sees, least score. A crop
// gets the next look, wider or closer, only if the one before found nothing.
const CROP_LOOKS = [[0.2, 224, 0.5], [0, 192, 0.5], [0.4, 288, 0.4]];
// Border and longer side of looks at a photo: the usual one; one for a face that fills the frame; one for small faces.
const [USUAL, FULL_FRAME, CLOSER] = [[0, 800], [0.25, 448], [0, 1600]];
const LEAST_WIDTH = 20;
const [TILE_SCALE, LONGEST_TILE] = [0.6, 1280];
const SURELY_SEEN = 36; // pixels of a view that a face may be long, and is found in it
// What scores less than the second is believed only if a close look gives it the third; below the first it is nothing.
const [CANDIDATE, FOUND, CONFIRMED] = [0.2, 0.75, 0.9];
const [CLOSE_CONTEXT, CLOSE_SIDE, CLOSE_LEAST] = [0.2, 160, 0.5];
const [SURELY_UPRIGHT, MARGIN] = [0.998, 0.6];
const ANYWHERE = 0.25; // overlap with the same face seen another way up
const TILTED = 20; // degrees from which the points are measured again on a view that is turned upright

/** The faces of an RGB photo, the largest first and at most MOST_FACES; a tight crop of one is fine too. */
export const detect = async (network, photo) => {
  const {width, height} = photo;
  const faces = Math.max(height, width) <= SMALL_PICTURE ? await inCrop(network, photo) : await inPhoto(network, photo);
  return faces
    .map((face) => ({...face, box: clipped(face.box, width, height)}))
    .filter(({box}) => box[2] > box[0] && box[3] > box[1])
    .sort((one, other) => area(other.box) - area(one.box));
};

const inCrop = async (network, crop) => {
  let faces = [];
  for (const [border, side, least] of CROP_LOOKS) {
    faces = await network.faces(cut(crop, grown(whole(crop), border), side), least, true);
    if (faces.length) break;
  }
  const surest = best(faces, (face) => face.score);
  if (surest && surest.score >= SURELY_UPRIGHT) return faces;
  const [border, side] = CROP_LOOKS[0];
  const view = cut(crop, grown(whole(crop), border), side);
  const other = await anotherWayUp(network, view, whole(crop), 0, surest);
  return !other || other === surest ? faces : [await upright(network, view, other)];
};

const inPhoto = async (network, photo) => {
  let faces = await found(network, photo, 0, USUAL, true);
  if (!faces.length) faces = await found(network, photo, 0, FULL_FRAME);
  if (faces.length) {
    // In a photo that lies, the faces that are seen all the same say which way up it shows more.
    const ways = new Set(faces.map((face) => (((roundEven(roll(face) / 90) % 4) + 4) % 4)));
    ways.delete(0);
    const more = [];
    for (const way of ways) more.push(...await found(network, photo, way, USUAL, true));
    return distinct([...faces, ...more]);
  }
  for (const way of [1, 3, 2]) {
    for (const look of [USUAL, FULL_FRAME]) {
      faces = await found(network, photo, way, look);
      if (faces.length) return faces;
    }
  }
  return TILE_SCALE * Math.max(photo.width, photo.height) < CLOSER[1] ? found(network, photo, 0, CLOSER) : [];
};

/** Faces of a photo that is turned anticlockwise by `way` quarters; if `large`, with tiles where it is large. */
const found = async (network, photo, way, [border, side], large = false) => {
  const longest = Math.max(photo.width, photo.height);
  const views = [cut(photo, grown(whole(photo), border), Math.min(side, 2 * longest))];
  if (large && inTiles(photo)) {
    for (const tile of tiles(photo.height, photo.width, LONGEST_TILE / TILE_SCALE, (SURELY_SEEN * longest) / side)) {
      views.push(cut(photo, tile, roundEven(TILE_SCALE * Math.max(tile[2] - tile[0], tile[3] - tile[1]))));
    }
  }
  const seen = [];
  for (const view of views) seen.push(...await network.faces(turned(view, 90 * way), CANDIDATE, false));
  const lookedAt = [];
  for (const face of distinct(seen).slice(0, (MOST_FACES * 3) / 2)) lookedAt.push(await closer(network, photo, face, 90 * way));
  return distinct(lookedAt.filter((face) => face)).slice(0, MOST_FACES);
};

/** The same face measured on a view of its own, the right way up; undefined if it turns out not to be a face. */
const closer = async (network, photo, face, degrees) => {
  const view = closeView(photo, face);
  const first = await seenIn(network, turned(view, degrees), face.box, SAME_FACE, true);
  const sure = first && first.score >= SURELY_UPRIGHT;
  let surest = sure ? first : await anotherWayUp(network, view, face.box, degrees, first);
  if (!surest) return face.score >= FOUND ? face : undefined;
  if (surest !== first || Math.abs(angle(roll(surest) - degrees)) > TILTED) {
    surest = await upright(network, closeView(photo, surest), surest);
  } else if (face.score >= FOUND) {
    return {...surest, score: face.score};
  }
  return Math.max(face.score, surest.score) >= CONFIRMED ? surest : undefined;
};

/** The face of a view as it is seen in one of the other three ways up, if it is plainer there. */
const anotherWayUp = async (network, view, box, degrees, first) => {
  let surest = first;
  for (const quarter of [90, 180, 270]) {
    const seen = await seenIn(network, turned(view, degrees + quarter), box, ANYWHERE, false);
    if (seen && (!surest || 1 - seen.score < (1 - surest.score) * (surest === first ? MARGIN : 1))) surest = seen;
  }
  return surest;
};

/** A tilted face measured on its view when that is turned upright. */
const upright = async (network, view, face) => {
  const seen = [];
  for (const quarter of [0, 90, 180, 270]) {
    seen.push(await seenIn(network, turned(view, roll(face) + quarter), face.box, ANYWHERE, true));
  }
  return best(seen.filter((one) => one), (one) => one.score) ?? face;
};

/** The face in a view that fills a box of the photo best. */
const seenIn = async (network, view, box, least, mirrored) => {
  const surest = best(await network.faces(view, CLOSE_LEAST, mirrored), (face) => overlap(box, face.box));
  return surest && overlap(box, surest.box) >= least ? surest : undefined;
};

const whole = (photo) => [0, 0, photo.width, photo.height];

const closeView = (photo, face) => cut(photo, grown(squared(face.box), CLOSE_CONTEXT), CLOSE_SIDE);

/** Whether tiles may show faces that the usual look misses. */
const inTiles = ({width, height}) =>
  TILE_SCALE * Math.max(height, width) > USUAL[1] && TILE_SCALE * Math.min(height, width) >= LEAST_WIDTH;

/** Degrees by which a face is turned clockwise. */
const roll = ({points}) => (Math.atan2(points[1][1] - points[0][1], points[1][0] - points[0][0]) * 180) / Math.PI;

/** The same angle from -180 to 180. */
const angle = (degrees) => ((((degrees + 180) % 360) + 360) % 360) - 180;

const clipped = ([left, top, right, bottom], width, height) =>
  [Math.max(0, left), Math.max(0, top), Math.min(width, right), Math.min(height, bottom)];
