// Draws maps of many points as pixels, because Plotly needs seconds for that where a browser has no GPU. Plotly keeps
// the frame of such a map: title, legend, tools and outlines; its traces there hold no points.
const OPACITY = 217; // of 255
const FAR_OUT = 0.002; // share of the points on either side of a map that do not widen it
const REACH = 8; // CSS pixels from a dot that the pointer may be

// What Plotly gets of a trace that is drawn here.
const emptied = (trace) => ({
  ...trace, type: 'scatter', x: [null], y: [null], customdata: [null],
  marker: {...trace.marker, color: typeof trace.marker.color === 'string' ? trace.marker.color : [null]},
});

// Where an axis begins and ends, so that the values of all rows are seen but the few that lie far from all others.
const spanned = (values, rows) => {
  const seen = Float32Array.from(rows, (row) => values[row]).sort();
  if (!seen.length) return [-1, 1];
  const few = Math.floor(FAR_OUT * seen.length), low = seen[few], high = seen[seen.length - 1 - few];
  const margin = 0.1 * (high - low) || 1;
  return [low - margin, high + margin];
};

// Sets the first view of a map, and says how many points lie beyond it.
const framed = (layout, at) => {
  const {x, y, order} = at;
  const [[west, east], [south, north]] = [layout.xaxis.range, layout.yaxis.range] = [spanned(x, order), spanned(y, order)];
  const beyond = order.filter((row) => x[row] < west || x[row] > east || y[row] < south || y[row] > north).length;
  if (beyond) layout.annotations = [...(layout.annotations ?? []), {
    text: beyond === 1 ? '1 face lies farther out' : `${beyond.toLocaleString('en')} faces lie farther out`,
    xref: 'paper', yref: 'paper', x: 1, y: 0, xanchor: 'right', yanchor: 'bottom', showarrow: false, font: {size: 11},
  }];
};

// All rows in an order that no list and no place in the table decides, the same every time: what is painted later covers
// what was painted before, and the last set or class would hide the others.
const shuffled = (lists) => {
  const rows = Int32Array.from(lists.flatMap((list) => Array.from(list)));
  for (let last = rows.length - 1, seed = 1; last > 0; last--) {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    const other = Math.floor(seed / 2 ** 32 * (last + 1));
    [rows[last], rows[other]] = [rows[other], rows[last]];
  }
  return rows;
};

const channels = (colour) => colour.match(/[0-9a-f]{2}/gi).map((part) => parseInt(part, 16));

const inked = (colour) => { // as a little-endian machine keeps a pixel's red, green, blue and alpha
  const [red, green, blue] = channels(colour);
  return ((OPACITY << 24) | (blue << 16) | (green << 8) | red) >>> 0;
};

// From a map's units to CSS pixels: x * scale + shift.
const onScreen = ({xaxis, yaxis}) => [xaxis, yaxis].map((axis) => {
  const shift = axis.l2p(0);
  return [axis.l2p(1) - shift, axis._offset + shift];
});

// Paints dots for rows, the later over the earlier, onto a canvas that becomes as large as the plot.
const splatter = (canvas, plot, at, rows, diameter) => {
  const sharp = window.devicePixelRatio || 1, {xaxis, yaxis} = plot._fullLayout;
  const width = canvas.width = Math.round(plot.offsetWidth * sharp);
  const height = canvas.height = Math.round(plot.offsetHeight * sharp);
  if (!rows.length) return;
  const picture = new ImageData(width, height), pixels = new Uint32Array(picture.data.buffer);
  const size = Math.max(1, Math.round(diameter * sharp)), half = size / 2, dot = [];
  for (let down = 0; down < size; down++) for (let across = 0; across < size; across++) {
    if (Math.hypot(across + 0.5 - half, down + 0.5 - half) <= half) dot.push(down * width + across);
  }
  const inks = at.palette.map(inked), [[a, left], [b, top]] = onScreen(plot._fullLayout);
  const ends = (axis, most) => [
    Math.max(0, axis._offset * sharp), Math.min(most, (axis._offset + axis._length) * sharp) - size,
  ];
  const [west, east] = ends(xaxis, width), [north, south] = ends(yaxis, height);
  for (const row of rows) {
    const x = Math.round((at.x[row] * a + left) * sharp - half), y = Math.round((at.y[row] * b + top) * sharp - half);
    if (!(x >= west && x <= east && y >= north && y <= south)) continue;
    const first = y * width + x, ink = inks[at.shade[row]];
    for (const pixel of dot) pixels[first + pixel] = ink;
  }
  canvas.getContext('2d').putImageData(picture, 0, 0);
};

// The face that a place on the screen means: the nearest one within a few CSS pixels that is shown.
const nearestRow = (plot, at, clientX, clientY) => {
  const frame = plot.getBoundingClientRect(), [[a, left], [b, top]] = onScreen(plot._fullLayout);
  const x = clientX - frame.left - left, y = clientY - frame.top - top;
  let best = null, least = REACH ** 2;
  at.rows.forEach((rows, curve) => {
    if (!hidden.has(curve)) for (const row of rows) {
      const away = (at.x[row] * a - x) ** 2 + (at.y[row] * b - y) ** 2;
      if (away < least) [best, least] = [row, away];
    }
  });
  return best;
};

// The faces inside a drawn outline or box, by the even-odd rule.
const enclosedRows = (at, {range, lassoPoints}) => {
  const [xs, ys] = range
    ? [[range.x[0], range.x[1], range.x[1], range.x[0]], [range.y[0], range.y[0], range.y[1], range.y[1]]]
    : [lassoPoints.x, lassoPoints.y];
  const [[west, east], [south, north]] = [xs, ys].map((ends) => [Math.min(...ends), Math.max(...ends)]);
  const inside = (x, y) => {
    let odd = false;
    for (let i = 0, j = xs.length - 1; i < xs.length; j = i++) {
      if ((ys[i] > y) !== (ys[j] > y) && x < xs[i] + (xs[j] - xs[i]) * (y - ys[i]) / (ys[j] - ys[i])) odd = !odd;
    }
    return odd;
  };
  const found = [];
  at.rows.forEach((rows, curve) => {
    if (!hidden.has(curve)) for (const row of rows) {
      const x = at.x[row], y = at.y[row];
      if (x >= west && x <= east && y >= south && y <= north && inside(x, y)) found.push(row);
    }
  });
  return found;
};
