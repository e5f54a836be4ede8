// A photo from a file, an example or the clipboard, as upright pixels on white, and the sentence for one that cannot be had.

const LARGEST_PIXELS = 40_000_000;
const SMALLEST_SIDE = 16;

/** Something to tell the visitor in these words. */
export class Refusal extends Error {}

/** The pixels of a picture's file.
 *
 * Throws a Refusal for one that is empty, damaged, no picture, too small or too large. */
export const pixelsOf = async (file) => {
  const name = file.name || 'This picture';
  if (!file.size) throw new Refusal(`${name} is empty (0 bytes); choose another file.`);
  let bitmap;
  try {
    bitmap = await createImageBitmap(file);
  } catch {
    throw new Refusal(`${name} is damaged, or not a picture that this browser can read; save it as JPEG or PNG and try again.`);
  }
  const {width, height} = bitmap;
  if (width * height > LARGEST_PIXELS) {
    throw new Refusal(`${name} has ${Math.round(width * height / 1e6)} megapixels, and 40 is the most we take; make it smaller and try again.`);
  }
  if (Math.min(width, height) < SMALLEST_SIDE) {
    throw new Refusal(`${name} is only ${width} x ${height} pixels; use one of at least ${SMALLEST_SIDE} pixels each way.`);
  }
  return drawn(bitmap, width, height);
};

/** The pixels of anything that a canvas can draw, at this size. */
export const drawn = (source, width, height) => {
  const canvas = Object.assign(document.createElement('canvas'), {width, height});
  const context = canvas.getContext('2d', {willReadFrequently: true});
  context.fillStyle = '#fff';
  context.fillRect(0, 0, width, height);
  context.drawImage(source, 0, 0, width, height);
  return context.getImageData(0, 0, width, height);
};

/** Show pixels in a canvas of their size. */
export const show = (canvas, pixels) => {
  canvas.width = pixels.width;
  canvas.height = pixels.height;
  canvas.getContext('2d').putImageData(pixels, 0, 0);
};

/** Hand pixels to the visitor as a PNG file. */
export const save = async (pixels, name) => {
  const canvas = document.createElement('canvas');
  show(canvas, pixels);
  const address = URL.createObjectURL(await new Promise((done) => canvas.toBlob(done, 'image/png')));
  Object.assign(document.createElement('a'), {href: address, download: name}).click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
};
