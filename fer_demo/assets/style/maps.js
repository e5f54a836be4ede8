// Draws the linked maps of widgets/maps.py. Marks (selection, ring, star) lie on a canvas above each map and are drawn
// here, so that one map follows a lasso on the other without asking the server.
const points = new Map(); // per plot: where each face is, in which trace, and its colour
const thumbnails = new Map(); // fetched so far
let chosen = props.chosen[0], pointed = null, shownFor = null;
let selected = props.selected?.[0] || [];
let hidden = new Set(); // traces switched off in the legend

const HEX = /[0-9a-f]{2}/gi;
const mixed = (scale, share) => {
  const place = Math.max(1, scale.findIndex(([at]) => at >= share));
  const [[low, from], [high, to]] = [scale[place - 1], scale[place]];
  const [a, b] = [from, to].map((colour) => colour.match(HEX).map((part) => parseInt(part, 16)));
  const t = (share - low) / (high - low);
  return `rgb(${a.map((value, channel) => Math.round(value + t * (b[channel] - value))).join()})`;
};

const located = (data) => {
  const count = 1 + data.reduce((most, trace) => trace.customdata.reduce((a, b) => Math.max(a, b), most), -1);
  const found = {x: new Float32Array(count), y: new Float32Array(count), curve: new Int32Array(count).fill(-1), colour: []};
  data.forEach((trace, curve) => {
    const {color, colorscale, cmin, cmax} = trace.marker;
    trace.customdata.forEach((row, number) => {
      found.x[row] = trace.x[number];
      found.y[row] = trace.y[number];
      found.curve[row] = curve;
      const share = colorscale && Math.min(1, Math.max(0, (color[number] - cmin) / (cmax - cmin || 1)));
      found.colour[row] = colorscale ? mixed(colorscale, share) : color;
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
  [canvas.width, canvas.height] = [plot.offsetWidth * sharp, plot.offsetHeight * sharp];
  const pen = canvas.getContext('2d');
  pen.scale(sharp, sharp);
  pen.beginPath();
  pen.rect(xaxis._offset, yaxis._offset, xaxis._length, yaxis._length);
  pen.clip();
  const across = (x) => xaxis._offset + xaxis.l2p(x), down = (y) => yaxis._offset + yaxis.l2p(y);
  const there = (row) => at.curve[row] >= 0 && !hidden.has(at.curve[row]);
  const radius = selected.length > 5000 ? 2 : 4;
  for (const row of selected) if (there(row)) {
    pen.fillStyle = at.colour[row];
    circle(pen, across(at.x[row]), down(at.y[row]), radius);
    pen.fill();
  }
  if (pointed !== null && there(pointed)) ring(pen, across(at.x[pointed]), down(at.y[pointed]), 6, colour);
  if (chosen !== null && there(chosen)) ring(pen, across(at.x[chosen]), down(at.y[chosen]), 9, colour);
  const landed = props.landed?.[panel];
  if (landed) star(pen, across(landed[0]), down(landed[1]), colour);
  plot.classList.toggle('dimmed', selected.length > 0);
  Object.assign(plot.dataset, {chosen, selected: selected.length, landed: landed ? landed.join() : ''});
};
const markAll = () => plots().forEach(mark);

const hideFace = () => { shownFor = null; element.querySelector('.hover-face').hidden = true; };

const showFace = async (row, event) => {
  const image = element.querySelector('.hover-face');
  const frame = element.getBoundingClientRect();
  const left = event.clientX - frame.left, key = `${props.scene} ${row}`;
  image.style.left = `${left > frame.width - 130 ? left - 112 : left + 16}px`;
  image.style.top = `${Math.max(0, event.clientY - frame.top - 110)}px`;
  shownFor = key;
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

// A click that hit no face; Plotly only reports those that did.
const reportEmptyPlaces = (plot) => {
  let press = null;
  // An outline that ends where it began is no click either.
  for (const done of ['plotly_click', 'plotly_selecting']) plot.on(done, () => { if (press) press.hit = true; });
  plot.addEventListener('pointerdown', (event) => {
    press = event.target.closest('.modebar, .legend') ? null : {x: event.clientX, y: event.clientY, hit: false};
    const mine = press;
    window.addEventListener('pointerup', (end) => setTimeout(() => {
      const {xaxis, yaxis} = plot._fullLayout, frame = plot.getBoundingClientRect();
      if (!mine || mine.hit || Math.hypot(end.clientX - mine.x, end.clientY - mine.y) > 3) return;
      const across = mine.x - frame.left - xaxis._offset, down = mine.y - frame.top - yaxis._offset;
      if (across < 0 || down < 0 || across > xaxis._length || down > yaxis._length) return;
      trigger('place', {panel: plots().indexOf(plot), x: xaxis.p2l(across), y: yaxis.p2l(down)});
    }, 80), {once: true});
  });
};

const follow = (plot) => {
  plot.on('plotly_click', (event) => {
    chosen = event.points[0].customdata;
    markAll();
    trigger('select', {index: chosen});
  });
  plot.on('plotly_selected', (event) => {
    if (!event) return;
    selected = event.points.map((point) => point.customdata);
    markAll();
    trigger('lasso', {rows: selected});
  });
  plot.on('plotly_deselect', () => {
    if (!selected.length) return;
    selected = [];
    markAll();
    trigger('lasso', {rows: []});
  });
  plot.on('plotly_hover', (event) => {
    pointed = event.points[0].customdata;
    plots().filter((other) => other !== plot).forEach(mark);
    if (props.has_thumbnails && event.event?.isTrusted) showFace(pointed, event.event);
  });
  plot.on('plotly_unhover', () => { pointed = null; hideFace(); markAll(); });
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
  plot.on('plotly_afterplot', () => mark(plot));
  plot.on('plotly_relayouting', () => mark(plot));
  reportEmptyPlaces(plot);
};

const BUTTONS = [['lasso2d', 'select2d', 'pan2d'], ['zoomIn2d', 'zoomOut2d', 'resetScale2d']];

const draw = () => {
  hidden = new Set();
  plots().forEach((plot, panel) => {
    const figure = (props.value || [])[panel];
    if (!figure) return;
    const {data, layout: asked} = unpacked(figure);
    points.set(plot, located(data));
    const layout = dressed(asked);
    layout.newselection = {line: {color: layout.font.color, width: 1, dash: 'dot'}};
    if (touch) layout.dragmode = false; // a finger scrolls the page until a tool is chosen
    const first = !plot.dataset.drawn;
    plot.dataset.drawn = 'yes';
    const bar = {displaylogo: false, displayModeBar: true, modeBarButtons: BUTTONS};
    Plotly.react(plot, data, layout, {responsive: true, doubleClick: 'reset', ...bar}).then(() => {
      if (first) follow(plot);
      mark(plot);
    });
  });
};

draw();
redrawWithPage(draw);
watch('chosen', () => { chosen = props.chosen[0]; markAll(); });
watch('landed', markAll);
watch('selected', () => {
  selected = props.selected?.[0] || [];
  markAll();
  for (const plot of plots()) if (plot.layout?.selections?.length) Plotly.relayout(plot, {selections: []});
});
