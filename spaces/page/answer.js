// What the page says of the faces: boxes, words and bars.

const part = (selector) => document.querySelector(selector);

/** Rows for the shares of these expressions, in the app's colours. */
export const prepareBars = (expressions, colours) => {
  part('#bars').replaceChildren(...expressions.map((name) => {
    const row = document.createElement('li');
    row.innerHTML = '<span></span><i><i></i></i><b></b>';
    row.firstChild.textContent = name;
    row.querySelector('i i').style.background = colours[name];
    return row;
  }));
};

/** The words and bars of one face; what was said before if they are `held`, so that they can be read. */
export const showAnswer = (face, held = false) => {
  [...part('#bars').children].forEach((row, index) => {
    const percent = Math.round(100 * (face?.shares[index] ?? 0));
    row.querySelector('i i').style.width = `${percent}%`;
    row.querySelector('b').textContent = face ? `${percent}%` : '';
  });
  if (!held) say(face?.verdict ?? 'No face yet', face?.reason ?? '', face ? `People would say ${face.set}.` : '', face?.notes ?? []);
};

/** Words in the place of an answer. */
export const say = (verdict, reason, names = '', notes = []) => {
  part('#answer .verdict').textContent = verdict;
  part('#answer .reason').textContent = reason;
  part('#answer .names').textContent = names;
  part('#notes').replaceChildren(...notes.map((note) => Object.assign(document.createElement('li'), {textContent: note})));
};

/** A box on every face of a picture of this size: buttons that call `choose`, or outlines alone on a mirrored video. */
export const showBoxes = (faces, {width, height}, chosen, choose = null) => {
  part('.boxes').replaceChildren(...faces.map((face, index) => {
    const box = document.createElement(choose ? 'button' : 'div');
    box.className = index === chosen ? 'box chosen' : 'box';
    const [left, top, right, bottom] = face.box;
    const begin = choose ? left : width - right;
    const place = {left: begin / width, top: top / height, width: (right - left) / width, height: (bottom - top) / height};
    for (const [edge, share] of Object.entries(place)) box.style[edge] = `${100 * share}%`;
    box.append(Object.assign(document.createElement('span'), {textContent: choose ? index + 1 : face.name}));
    if (choose) {
      box.type = 'button';
      box.setAttribute('aria-label', `Face ${index + 1} of ${faces.length}`);
      box.setAttribute('aria-pressed', String(index === chosen));
      box.addEventListener('click', () => choose(index));
    }
    return box;
  }));
};
