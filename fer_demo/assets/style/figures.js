// What every script that draws Plotly figures begins with: the page's colours, and arrays as the server packs them.
const plots = () => [...element.querySelectorAll('.plot')];
const touch = window.matchMedia('(pointer: coarse)').matches;

const colours = () => {
  const style = getComputedStyle(element);
  const read = (name) => style.getPropertyValue(name).trim();
  return {
    text: read('--body-text-color'), faint: read('--border-color-primary'), panel: read('--block-background-fill'),
    accent: read('--color-accent'), subdued: read('--body-text-color-subdued'), font: style.fontFamily,
  };
};

const dressed = (layout) => {
  const colour = colours();
  const dress = (axis) => ({...axis, gridcolor: colour.faint, zerolinecolor: colour.faint, linecolor: colour.faint});
  const result = {
    ...layout, autosize: true, width: undefined, height: undefined,
    paper_bgcolor: 'rgba(0,0,0,0)', plot_bgcolor: 'rgba(0,0,0,0)',
    font: {...layout.font, color: colour.text, family: colour.font},
    modebar: {bgcolor: 'rgba(0,0,0,0)', color: colour.subdued, activecolor: colour.text},
    hoverlabel: {bgcolor: colour.panel, bordercolor: colour.faint, font: {color: colour.text, family: colour.font}},
  };
  for (const name of Object.keys(layout)) if (/^[xy]axis\d*$/.test(name)) result[name] = dress(layout[name]);
  return result;
};

const KINDS = {
  f4: Float32Array, f8: Float64Array, i1: Int8Array, u1: Uint8Array, i2: Int16Array, u2: Uint16Array, i4: Int32Array,
  u4: Uint32Array,
};

// Plotly packs arrays of numbers as base64; unpacked here once, because we read them too.
const unpacked = (value) => {
  if (Array.isArray(value)) return value.map(unpacked);
  if (!value || typeof value !== 'object') return value;
  if ('bdata' in value) {
    const text = atob(value.bdata), bytes = new Uint8Array(text.length);
    for (let place = 0; place < text.length; place++) bytes[place] = text.charCodeAt(place);
    return new KINDS[value.dtype](bytes.buffer);
  }
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, unpacked(part)]));
};

// Where a page has a <base>, Plotly writes its whole address into every clip path, once for all. When the address then
// changes, with a tab or a setting, the path leads nowhere and what it clips is not painted. Without one it stays local.
const plotted = (plot, ...figure) => {
  const base = document.querySelector('base'), address = base?.getAttribute('href');
  base?.removeAttribute('href');
  try { return Plotly.react(plot, ...figure); } finally { if (base) base.setAttribute('href', address); }
};

const redrawWithPage = (draw) => {
  new ResizeObserver(() => plots().forEach((plot) => {
    if (plot.offsetWidth && plot.dataset.drawn) Plotly.Plots.resize(plot);
  })).observe(element);
  watch('value', draw);
  new MutationObserver(draw).observe(document.body, {attributes: true, attributeFilter: ['class']});
};
