// The batch of widgets/batch.py: one photo under way at a time, a row for every face, nothing kept on the server.
const part = (selector) => element.querySelector(selector);
let running = null; // the run under way, so that a new choice of files ends the old one
let lines = [];

const say = (sentence) => { part('.notice').textContent = sentence; };
const status = (sentence) => { part('.speed').textContent = sentence; };
const count = (number, thing) => `${number} ${thing}${number === 1 ? '' : 's'}`;

// A row for a photo that never reached the app.
const lost = (name, sentence) => {
  const row = document.createElement('tr');
  row.className = 'failed';
  row.innerHTML = '<th scope="row"><bdi></bdi></th><td colspan="3"></td>';
  row.querySelector('bdi').textContent = name;
  row.querySelector('td').textContent = sentence;
  const empty = ','.repeat(props.header.split(',').length - 1);
  const quoted = (text) => `"${text.replaceAll('"', '""')}"`;
  return {html: row.outerHTML, csv: `${quoted(name)}${empty}${quoted(sentence)}\n`, faces: 0};
};

const read = async (file) => {
  if (file.size > props.largest_mb * 1e6) return lost(file.name, `This file is larger than ${props.largest_mb} MB; make it smaller.`);
  try {
    return await server.read({binary: true, data: {file, name: file.name, model: props.value[0], answer: props.value[1]}});
  } catch {
    return lost(file.name, 'This photo did not reach the app; choose it again later.');
  }
};

const finish = (sentence) => {
  running = null;
  status(sentence);
  part('.stop').disabled = true;
};

const run = async (chosen) => {
  const files = chosen.slice(0, props.most_files);
  const mine = (running = {});
  say(files.length < chosen.length ? `Only the first ${props.most_files} of ${chosen.length} files are taken.` : '');
  part('tbody').replaceChildren();
  part('progress').max = files.length;
  part('progress').value = 0;
  part('.stop').disabled = false;
  part('.save').disabled = true;
  lines = [props.header];
  const begin = performance.now();
  let faces = 0;
  for (const [index, file] of files.entries()) {
    status(`${index} of ${count(files.length, 'photo')} done, ${count(faces, 'face')}`);
    const answer = await read(file);
    if (running !== mine) return;
    faces += answer.faces;
    lines.push(answer.csv);
    part('tbody').insertAdjacentHTML('beforeend', answer.html);
    part('progress').value = index + 1;
    part('.save').disabled = false;
  }
  const seconds = (performance.now() - begin) / 1000;
  finish(`${count(files.length, 'photo')} done in ${seconds.toFixed(1)} s, ${count(faces, 'face')}`);
};

element.addEventListener('change', (event) => {
  if (event.target.type !== 'file') return;
  const files = [...event.target.files];
  event.target.value = '';
  if (files.length) run(files);
});
element.addEventListener('dragover', (event) => { if (event.target.closest('.drop-many')) event.preventDefault(); });
element.addEventListener('drop', (event) => {
  if (!event.target.closest('.drop-many')) return;
  event.preventDefault();
  const files = [...event.dataTransfer.files];
  if (files.length) run(files);
});
element.addEventListener('click', (event) => {
  if (event.target.closest('.stop')) finish(`Stopped after ${count(part('progress').value, 'photo')}`);
  if (!event.target.closest('.save')) return;
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob(lines, {type: 'text/csv'}));
  link.download = 'expressions.csv';
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
});
