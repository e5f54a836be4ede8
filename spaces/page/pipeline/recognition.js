// The faces of a photo with their answers, the largest first: what the app's Recognize tab says of them.

import {align} from './alignment.js';
import {MOST_FACES, detect} from './detection.js';
import {toGrey} from './pictures.js';
import {MANY_FACES, qualityNotes} from './quality.js';
import {asInput, nameOf, namesThatHold, reason, setInWords, sharesOf, verdict} from './votes.js';

export const COVERAGE = '0.9'; // of what people say, a set of names holds this share

/** `networks` has the detector and `votes`, which gives logits; `settings` is what export_web wrote. */
export const recognize = async (networks, settings, photo) => {
  const found = await detect(networks.detector, photo);
  const aboutAll = found.length >= MOST_FACES ? [MANY_FACES] : [];
  const faces = [];
  for (const face of found) {
    const notes = [...qualityNotes(photo, face, settings.hiddenMouth), ...aboutAll];
    faces.push({...face, notes, ...await answer(networks, settings, align(photo, face.points, settings.votes.size), notes)});
  }
  return faces;
};

/** What people would say of an aligned face. */
export const answer = async (networks, {votes}, crop, notes) => {
  const shares = sharesOf(await networks.votes(asInput(toGrey(crop)), [1, 1, votes.size, votes.size]), votes);
  return {
    shares,
    name: nameOf(shares, votes),
    set: setInWords(namesThatHold(shares, votes, COVERAGE)),
    verdict: verdict(shares, votes, notes),
    reason: reason(shares, votes, notes),
  };
};
