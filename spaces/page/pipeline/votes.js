// What ten people would say of a face, and in which words: published/calibration.py and inference/recognize of the app.

import {doubts} from './quality.js';

const PEOPLE = 10; // as many as voted on each face of FER+
const HALF = 0.5; // below it no answer is given by half of the people, and they disagree
const MOST_NAMES = 3; // in a sentence; whoever says another name says "something else"
const NUMBERS = ['none', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];

/** A face's grey levels as the recognizer reads them, in [-1, 1]. */
export const asInput = (grey) => new Float32Array(grey.data).map((level) => level / 127.5 - 1);

/** Calibrated shares of people of logits: softmax(logits / temperature). */
export const sharesOf = (logits, {temperature}) => {
  const most = Math.max(...logits);
  const exponentials = Array.from(logits, (logit) => Math.exp((logit - most) / temperature));
  const total = exponentials.reduce((sum, value) => sum + value, 0);
  return exponentials.map((value) => value / total);
};

/** The one name of a face: the largest share, without what people say by habit. */
export const nameOf = (shares, {habit, expressions}) => {
  const beside = shares.map((share, index) => share / (habit[index] ?? 1));
  return expressions[beside.indexOf(Math.max(...beside))];
};

/** The names that hold what this share of people say, the most said first and never none. */
export const namesThatHold = (shares, {thresholds, expressions}, coverage) => {
  const order = bySize(shares);
  const chosen = order.filter((index) => 1 - shares[index] <= thresholds[coverage]);
  return (chosen.length ? chosen : order.slice(0, 1)).map((index) => expressions[index]);
};

const bySize = (values) => values.map((_, index) => index).sort((one, other) => values[other] - values[one]);

/** Shares that sum to 1 as whole people who are ten in all (largest remainder; ties to the first). */
export const ofTen = (shares) => {
  const whole = shares.map((share) => Math.floor(share * PEOPLE + 1e-6));
  const left = PEOPLE - whole.reduce((sum, people) => sum + people, 0);
  for (const index of bySize(shares.map((share, place) => share * PEOPLE - whole[place])).slice(0, left)) whole[index] += 1;
  return whole;
};

/** "Of ten people, about seven would say happy, two neutral and one sad"; a doubted face is not said so surely. */
export const verdict = (shares, {expressions}, notes) => {
  const doubted = doubts(notes).length > 0;
  const people = ofTen(shares);
  const order = bySize(shares).sort((one, other) => people[other] - people[one]).filter((index) => people[index]);
  const named = order.slice(0, order.length > MOST_NAMES + 1 ? MOST_NAMES : MOST_NAMES + 1);
  const [first, ...others] = named;
  const said = people[first] === PEOPLE
    ? `${doubted ? 'perhaps' : 'nearly'} all would say ${expressions[first]}`
    : `${doubted ? 'perhaps' : 'about'} ${NUMBERS[people[first]]} would say ${expressions[first]}`;
  const parts = [said, ...others.map((index) => `${NUMBERS[people[index]]} ${expressions[index]}`)];
  const left = PEOPLE - named.reduce((sum, index) => sum + people[index], 0);
  if (left) parts.push(`${NUMBERS[left]} something else`);
  const listed = parts.length === 1 ? parts[0] : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`;
  return `${doubted ? 'Not sure. ' : ''}Of ten people, ${listed}`;
};

/** What stands behind the verdict, and what must not be read into it. */
export const reason = (shares, calibration, notes) => {
  const parts = [];
  if (Math.max(...shares) < HALF) {
    parts.push('People disagree about this one: no name would be given by more than half of them.');
  } else if (doubts(notes).length) parts.push('In such a photo the model should be less sure.');
  const name = nameOf(shares, calibration);
  if (name !== calibration.expressions[shares.indexOf(Math.max(...shares))]) {
    parts.push(`Its one name is ${name}: people seldom say it, but more than usual would say it here.`);
  }
  parts.push('This is what people would say of the picture, not what the person feels.');
  return parts.join(' ');
};

/** "happy", "happy, or surprise", "happy, surprise, or fear". */
export const setInWords = (names) => (names.length === 1 ? names[0] : `${names.slice(0, -1).join(', ')}, or ${names.at(-1)}`);
