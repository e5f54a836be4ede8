// Draws the linked maps of widgets/maps.py. Marks (selection, ring, star) lie on a canvas above each map and are drawn
// here, so that one map follows a lasso on the other without asking the server. Of many points so are the points, on a
// canvas beneath (dots.js); the server asks for that by Plotly's WebGL kind of trace.
const points = new Map(); // per plot: where each face is, in which trace, and its colour
const thumbnails = new Map(); // fetched so far
let chosen = props.chosen[0], pointed = null, shownFor = null;
let selected = props.selected?.[0] || [];
let hidden = new Set(); // traces switched off in the legend
let drawing = 0; // maps being drawn: Plotly then takes its outlines away, which is not the visitor's doing
let adding = false; // with Shift an outline adds to the selection

const mixed = (scale, share) => {
  const place = Math.max(1, scale.findIndex(([at]) => at >= share));
  const [[low, from], [high, to]] = [scale[place - 1], scale[place]];
  const [a, b] = [from, to].map(channels);
  const t = (share - low) / (high - low);
  return `#${a.map((value, channel) => Math.round(value + t * (b[channel] - value)).toString(16).padStart(2, '0')).join('')}`;
};

const SHADES = 256; // of a scale
const LARGER = 1.3; // than others are selected dots

const located = (data) => {
  const rows = data.map((trace) => trace.customdata), many = data[0]?.type === 'scattergl';
  const count = 1 + rows.reduce((most, some) => some.reduce((a, b) => Math.max(a, b), most), -1);
  const found = {
    many, rows, order: shuffled(many ? rows : []), x: new Float32Array(count), y: new Float32Array(count), curve: new Int32Array(count).fill(-1),
    palette: [], shade: new Uint16Array(count), value: new Float32Array(count), // on the scale
  };
  data.forEach(({x, y, customdata, marker: {color, colorscale, cmin, cmax}}, curve) => {
    const first = found.palette.length;
    for (let shade = 0; shade < (colorscale ? SHADES : 1); shade++) {
      found.palette.push(colorscale ? mixed(colorscale, shade / (SHADES - 1)) : color);
    }
    customdata.forEach((row, number) => {
      found.x[row] = x[number];
      found.y[row] = y[number];
      found.curve[row] = curve;
      found.value[row] = colorscale ? color[number] : 0;
      const share = colorscale ? Math.min(1, Math.max(0, (found.value[row] - cmin) / (cmax - cmin || 1))) : 0;
      found.shade[row] = first + Math.round(share * (SHADES - 1));
    });
  });
  return found;
};

const circle = (pen, x, y, radius) => { pen.beginPath(); pen.arc(x, y, radius, 0, 2 * Math.PI); };

const ring = (pen, x, y, radius, colour) => {
  for (const [style, width] of [[colour.panel, 5], [colour.text, 2.5]]) {
    circle(pen, x, y, radius);
    pen.strokeStyle = style;
    pen.lineWidth = width;
    pen.stroke();
  }
};

// Draws a dot as Plotly does, a little larger: shapes tell what colours may not.
const shapeOf = (plot, curve) => {
  const {uid, marker} = plot._fullData[curve];
  const drawn = plot.querySelector(`.trace${uid} path.point`), open = String(marker.symbol).endsWith('-open');
  const shape = new Path2D(drawn?.getAttribute('d') ?? 'M3,0A3,3 0 1,1 0,-3A3,3 0 0,1 3,0Z');
  return (pen, x, y, colour) => {
    pen.save();
    pen.translate(x, y);
    pen.scale(LARGER, LARGER);
    pen.fillStyle = pen.strokeStyle = colour;
    if (open) pen.stroke(shape);
    else pen.fill(shape);
    pen.restore();
  };
};

const star = (pen, x, y, colour) => {
  pen.beginPath();
  for (let tip = 0; tip < 10; tip++) {
    const radius = tip % 2 ? 5 : 12, angle = Math.PI * (tip / 5 - 0.5);
    pen.lineTo(x + radius * Math.cos(angle), y + radius * Math.sin(angle));
  }
  pen.closePath();
  pen.lineWidth = 2;
  pen.strokeStyle = colour.panel;
  pen.fillStyle = colour.text;
  pen.fill();
  pen.stroke();
};

const mark = (plot) => {
  const at = points.get(plot), {xaxis, yaxis} = plot._fullLayout || {}, canvas = plot.nextElementSibling;
  if (!at || !xaxis || !plot.offsetWidth) return;
  const colour = colours(), sharp = window.devicePixelRatio || 1, panel = plots().indexOf(plot);
  const there = (row) => at.curve[row] >= 0 && !hidden.has(at.curve[row]), found = selected.filter(there);
  [canvas.width, canvas.height] = [plot.offsetWidth * sharp, plot.offsetHeight * sharp];
  if (at.many && found.length) splatter(canvas, plot, at, shuffled([found]), found.length > 5000 ? 4 : 8);
  const pen = canvas.getContext('2d');
  pen.scale(sharp, sharp);
  pen.beginPath();
  pen.rect(xaxis._offset, yaxis._offset, xaxis._length, yaxis._length);
  pen.clip();
  const across = (x) => xaxis._offset + xaxis.l2p(x), down = (y) => yaxis._offset + yaxis.l2p(y);
  if (!at.many) {
    const shapes = plot.data.map((_, curve) => shapeOf(plot, curve));
    for (const row of found) shapes[at.curve[row]](pen, across(at.x[row]), down(at.y[row]), at.palette[at.shade[row]]);
  }
  if (pointed !== null && there(pointed)) ring(pen, across(at.x[pointed]), down(at.y[pointed]), 6, colour);
  if (chosen !== null && there(chosen)) ring(pen, across(at.x[chosen]), down(at.y[chosen]), 9, colour);
  const placed = props.placed?.[panel];
  if (placed) star(pen, across(placed[0]), down(placed[1]), colour);
  plot.classList.toggle('dimmed', selected.length > 0);
  Object.assign(plot.dataset, {chosen, selected: selected.length, placed: placed ? placed.join() : ''});
};
const markAll = () => plots().forEach(mark);

const redraw = (plot) => {
  const at = points.get(plot);
  if (!at || !plot._fullLayout?.xaxis || !plot.offsetWidth) return;
  const rows = at.order.filter((row) => !hidden.has(at.curve[row]));
  splatter(plot.previousElementSibling, plot, at, rows, 3);
  mark(plot);
};

const hideFace = () => {
  shownFor = null;
  for (const part of element.querySelectorAll('.hover-face, .hover-name')) part.hidden = true;
};

// Plotly's label of a point, where Plotly draws it.
const nameFace = (plot, row, {left, top}) => {
  const at = points.get(plot), label = element.querySelector('.hover-name');
  if (!at.many) return;
  const {name, marker} = plot.data[at.curve[row]];
  label.innerHTML = marker.colorscale ? Number(at.value[row].toPrecision(3)) : name; // the server has escaped the name
  Object.assign(label.style, {left, top: `calc(${top} + 100px)`});
  label.hidden = false;
};

const showFace = async (plot, row, event) => {
  const image = element.querySelector('.hover-face');
  const frame = element.getBoundingClientRect();
  const left = event.clientX - frame.left, key = `${props.scene} ${row}`;
  image.style.left = `${left > frame.width - 130 ? left - 112 : left + 16}px`;
  image.style.top = `${Math.max(0, event.clientY - frame.top - 110)}px`;
  shownFor = key;
  image.hidden = true;
  nameFace(plot, row, image.style);
  if (!thumbnails.has(key)) thumbnails.set(key, await server.face([props.scene, row]));
  if (shownFor !== key || !thumbnails.get(key)) return; // the pointer has moved on meanwhile, or there is no picture
  image.src = thumbnails.get(key);
  image.hidden = false;
};

const show = (curves) => {
  hidden = curves;
  for (const plot of plots()) {
    const visible = plot.data.map((_, curve) => hidden.has(curve) ? 'legendonly' : true);
    Plotly.restyle(plot, {visible});
  }
};

const choose = (row) => {
  chosen = row;
  markAll();
  trigger('select', {index: chosen});
};

const select = (rows) => {
  selected = rows;
  markAll();
  // Gradio takes its time to pack many rows, which must not delay the marks.
  requestAnimationFrame(() => setTimeout(() => trigger('lasso', {rows}), 50));
};

const point = (plot, row, event) => {
  pointed = row;
  plots().filter((other) => other !== plot).forEach(mark);
  if (row !== null && props.has_thumbnails && event?.isTrusted) showFace(plot, row, event);
};

// A click that hit no face; Plotly only reports those that did, and none where it draws no points.
const reportEmptyPlaces = (plot) => {
  let press = null;
  // An outline that ends where it began is not a click either.
  for (const done of ['plotly_click', 'plotly_selecting']) plot.on(done, () => { if (press) press.hit = true; });
  plot.addEventListener('pointerdown', (event) => {
    press = event.target.closest('.modebar, .legend') ? null : {...placeOf(plot, event), hit: false};
    const mine = press;
    adding = event.shiftKey;
    window.addEventListener('pointerup', (end) => setTimeout(() => {
      if (!mine || mine.hit || Math.hypot(end.clientX - event.clientX, end.clientY - event.clientY) > 3) return;
      if (mine.row !== null) choose(mine.row);
      else if (mine.inside) trigger('place', {panel: plots().indexOf(plot), x: mine.x, y: mine.y});
    }, 80), {once: true});
  });
};

// What lies below the pointer now: a face or a place, which may have moved on when a click is over.
const placeOf = (plot, event) => {
  const {xaxis, yaxis} = plot._fullLayout, frame = plot.getBoundingClientRect();
  const across = event.clientX - frame.left - xaxis._offset, down = event.clientY - frame.top - yaxis._offset;
  const inside = across >= 0 && down >= 0 && across <= xaxis._length && down <= yaxis._length;
  const row = inside ? rowAt(plot, {x: event.clientX, y: event.clientY}) : null;
  return {inside, row, x: xaxis.p2l(across), y: yaxis.p2l(down)};
};

// Of many points Plotly knows none, so that the face below the pointer is looked for here.
const rowAt = (plot, {x, y}) => points.get(plot).many ? nearestRow(plot, points.get(plot), x, y) : null;

const followPointer = (plot) => {
  let last = null;
  plot.addEventListener('pointermove', (event) => {
    if (!last) requestAnimationFrame(() => {
      const row = last.buttons ? null : rowAt(plot, {x: last.clientX, y: last.clientY});
      if (row !== null && row !== pointed) point(plot, row, last);
      else if (row === null && pointed !== null && points.get(plot).many) leave();
      last = null;
    });
    last = event;
  });
  plot.addEventListener('pointerleave', leave); // Plotly forgets to tell while it draws anew
};

const leave = () => {
  if (pointed === null) return;
  pointed = null;
  hideFace();
  markAll();
};

// With the keyboard: arrow keys go from face to face, Enter or the space bar chooses the one that is reached.
const DIRECTIONS = {ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1]};

const pixelOf = (plot, row) => {
  const {xaxis, yaxis} = plot._fullLayout, at = points.get(plot);
  return [xaxis._offset + xaxis.l2p(at.x[row]), yaxis._offset + yaxis.l2p(at.y[row])];
};

// The nearest face that lies rather in this direction than across it; without one, the face nearest to the place.
const nextFace = (plot, [left, top], direction, but) => {
  const {xaxis, yaxis} = plot._fullLayout, at = points.get(plot);
  let best = null, least = Infinity;
  for (let row = 0; row < at.curve.length; row++) {
    if (row === but || at.curve[row] < 0 || hidden.has(at.curve[row])) continue;
    const [x, y] = pixelOf(plot, row), [across, down] = [x - left, y - top];
    const inside = x >= xaxis._offset && x <= xaxis._offset + xaxis._length && y >= yaxis._offset && y <= yaxis._offset + yaxis._length;
    const ahead = direction ? across * direction[0] + down * direction[1] : 0;
    if (!inside || (direction && ahead < Math.max(1, 0.7 * Math.hypot(across, down)))) continue;
    const far = Math.hypot(across, down);
    if (far < least) [best, least] = [row, far];
  }
  return best;
};

const reach = (plot, row) => {
  const at = points.get(plot), frame = plot.getBoundingClientRect(), [left, top] = pixelOf(plot, row);
  const {name, marker} = plot.data[at.curve[row]];
  pointed = row;
  markAll();
  // The server has escaped the name.
  element.querySelector('.map-said').innerHTML = marker.colorscale ? Number(at.value[row].toPrecision(3)) : name;
  if (props.has_thumbnails) showFace(plot, row, {clientX: frame.left + left, clientY: frame.top + top});
};

const followKeys = (plot) => {
  plot.addEventListener('keydown', (event) => {
    if (event.target !== plot || event.altKey || event.ctrlKey || event.metaKey) return;
    const direction = DIRECTIONS[event.key], start = pointed ?? chosen;
    if (direction) {
      const {xaxis, yaxis} = plot._fullLayout, known = start !== null && points.get(plot).curve[start] >= 0;
      const middle = [xaxis._offset + xaxis._length / 2, yaxis._offset + yaxis._length / 2];
      const row = known ? nextFace(plot, pixelOf(plot, start), direction, start) : nextFace(plot, middle, null, null);
      if (row !== null) reach(plot, row);
    } else if ((event.key === 'Enter' || event.key === ' ') && pointed !== null) choose(pointed);
    else if (event.key === 'Escape' && pointed !== null) leave();
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  plot.addEventListener('blur', leave);
};

const follow = (plot) => {
  plot.on('plotly_click', (event) => choose(event.points[0].customdata));
  plot.on('plotly_selected', (event) => {
    const at = points.get(plot);
    if (!event || drawing || (at.many && !event.range && !event.lassoPoints)) return;
    const rows = at.many ? enclosedRows(at, event) : event.points.map((found) => found.customdata);
    select(at.many && adding ? [...new Set([...selected, ...rows])] : rows);
  });
  plot.on('plotly_deselect', () => { if (selected.length && !drawing) select([]); });
  plot.on('plotly_hover', (event) => point(plot, event.points[0].customdata, event.event));
  plot.on('plotly_unhover', leave);
  plot.on('plotly_legendclick', ({curveNumber}) => {
    const curves = new Set(hidden);
    if (!curves.delete(curveNumber)) curves.add(curveNumber);
    show(curves);
    return false;
  });
  plot.on('plotly_legenddoubleclick', ({curveNumber}) => {
    const others = plot.data.map((_, curve) => curve).filter((curve) => curve !== curveNumber);
    show(new Set(others.every((curve) => hidden.has(curve)) ? [] : others));
    return false;
  });
  plot.on('plotly_afterplot', () => redraw(plot));
  plot.on('plotly_relayouting', () => redraw(plot));
  reportEmptyPlaces(plot);
  followPointer(plot);
  followKeys(plot);
};

const BUTTONS = [['lasso2d', 'select2d', 'pan2d'], ['zoomIn2d', 'zoomOut2d', 'resetScale2d']];

const draw = () => {
  hidden = new Set();
  plots().forEach((plot, panel) => {
    const figure = (props.value || [])[panel];
    if (!figure) return;
    const {data, layout: asked} = unpacked(figure);
    const at = located(data), layout = dressed(asked);
    points.set(plot, at);
    if (at.many) framed(layout, at);
    layout.newselection = {line: {color: layout.font.color, width: 1, dash: 'dot'}};
    if (touch) layout.dragmode = false; // a finger scrolls the page until a tool is chosen
    const first = !plot.dataset.drawn;
    plot.dataset.drawn = 'yes';
    const bar = {displaylogo: false, displayModeBar: true, modeBarButtons: BUTTONS};
    drawing++;
    plotted(plot, at.many ? data.map(emptied) : data, layout, {responsive: true, doubleClick: 'reset', ...bar}).then(() => {
      if (first) follow(plot);
      redraw(plot);
    }).finally(() => setTimeout(() => { drawing--; }));
  });
};

draw();
redrawWithPage(draw);
watch('chosen', () => { chosen = props.chosen[0]; markAll(); });
watch('placed', markAll);
watch('selected', () => {
  selected = props.selected?.[0] || [];
  markAll();
  for (const plot of plots()) if (plot.layout?.selections?.length) {
    drawing++;
    Plotly.relayout(plot, {selections: []}).finally(() => setTimeout(() => { drawing--; }));
  }
});
