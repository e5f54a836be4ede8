// Draws the figures of widgets/plots.py, in the page's colours, and reports which point was clicked.
const plots = () => [...element.querySelectorAll('.plot')];
const places = new Map(); // per plot: customdata -> where that point is
let chosen = props.chosen;
let shownFor = null;
const faces = new Map(); // thumbnails fetched so far
const touch = window.matchMedia('(pointer: coarse)').matches;

const colours = () => {
  const style = getComputedStyle(element);
  const read = (name) => style.getPropertyValue(name).trim();
  return {
    text: read('--body-text-color'), faint: read('--border-color-primary'), panel: read('--block-background-fill'),
    accent: read('--color-accent'), font: style.fontFamily,
  };
};

const dressed = (layout) => {
  const colour = colours();
  const dress = (axis) => ({...axis, gridcolor: colour.faint, zerolinecolor: colour.faint, linecolor: colour.faint});
  const result = {
    ...layout, autosize: true, width: undefined, height: undefined,
    paper_bgcolor: 'rgba(0,0,0,0)', plot_bgcolor: 'rgba(0,0,0,0)',
    font: {...layout.font, color: colour.text, family: colour.font},
    hoverlabel: {bgcolor: colour.panel, bordercolor: colour.faint, font: {color: colour.text, family: colour.font}},
  };
  for (const name of Object.keys(layout)) if (/^[xy]axis\d*$/.test(name)) result[name] = dress(layout[name]);
  if (touch || !props.tools) result.dragmode = false; // bars have nothing to zoom into, and a finger scrolls the page
  return result;
};

// The ring around the chosen point has a size in pixels, whatever the zoom.
const ring = (plot) => {
  const place = places.get(plot)?.get(chosen);
  if (!place) return [];
  const circle = (radius, colour, width) => ({
    type: 'circle', xsizemode: 'pixel', ysizemode: 'pixel', xanchor: place.x, yanchor: place.y,
    x0: -radius, x1: radius, y0: -radius, y1: radius, line: {color: colour, width},
  });
  return [circle(9, colours().panel, 5), circle(9, colours().text, 2.5)];
};

const mark = () => {
  for (const plot of plots()) if (places.get(plot)) Plotly.relayout(plot, {shapes: ring(plot)});
};

const hideFace = () => { shownFor = null; element.querySelector('.hover-face').hidden = true; };

const showFace = async (key, event) => {
  const image = element.querySelector('.hover-face');
  const frame = element.getBoundingClientRect();
  const left = event.clientX - frame.left;
  image.style.left = `${left > frame.width - 130 ? left - 112 : left + 16}px`;
  image.style.top = `${Math.max(0, event.clientY - frame.top - 110)}px`;
  shownFor = key;
  if (!faces.has(key)) faces.set(key, await server.face(key));
  if (shownFor !== key || !faces.get(key)) return; // the pointer has moved on meanwhile, or there is no picture
  image.src = faces.get(key);
  image.hidden = false;
};

// A point says which thing it is by the first entry of its customdata; a bar by its place.
const point = (event) => {
  const {customdata, pointNumber} = event.points[0];
  return Array.isArray(customdata) ? customdata[0] : pointNumber;
};

const follow = (plot) => {
  plot.on('plotly_click', (event) => {
    const index = point(event);
    if (places.get(plot).has(index)) { chosen = index; mark(); }
    trigger('select', {index});
  });
  plot.on('plotly_hover', (event) => {
    const index = point(event);
    for (const other of plots()) {
      const place = other !== plot && places.get(other)?.get(index);
      if (place) Plotly.Fx.hover(other, [{curveNumber: place.curve, pointNumber: place.number}]);
    }
    if (props.has_thumbnails && event.event?.isTrusted) showFace(event.points[0].customdata[1], event.event);
  });
  plot.on('plotly_unhover', () => {
    hideFace();
    for (const other of plots()) if (other !== plot && places.get(other)) Plotly.Fx.unhover(other);
  });
};

const draw = () => {
  const figures = props.value || [];
  plots().forEach((plot, panel) => {
    const figure = figures[panel];
    if (!figure) return;
    const known = new Map();
    figure.data.forEach((trace, curve) => (trace.customdata || []).forEach((entry, number) => {
      if (Array.isArray(entry)) known.set(entry[0], {curve, number, x: trace.x[number], y: trace.y[number]});
    }));
    const first = !places.has(plot);
    places.set(plot, known);
    const layout = dressed(figure.layout || {});
    if (known.size) layout.shapes = ring(plot);
    if (figure.data[0]?.orientation === 'h') layout.hovermode = 'y'; // a short bar answers along its whole row
    for (const trace of figure.data) if (trace.textfont) trace.textfont.color = layout.font.color;
    const modebar = {displaylogo: false, displayModeBar: props.tools && !touch ? 'hover' : false};
    Plotly.react(plot, figure.data, layout, {responsive: true, ...modebar}).then(() => { if (first) follow(plot); });
  });
};

draw();
new ResizeObserver(() => plots().forEach((plot) => {
  if (plot.offsetWidth && places.has(plot)) Plotly.Plots.resize(plot);
})).observe(element);
watch('value', draw);
watch('chosen', () => { chosen = props.chosen; mark(); });
new MutationObserver(draw).observe(document.body, {attributes: true, attributeFilter: ['class']});
