"""Technical terms in plain words: wherever `explained` writes a sentence, each of them says what it means when it is
pointed at, tapped, or reached by the Tab key (assets/style/terms.js shows it).

A new term goes into GLOSSARY and nowhere else. The longest one that fits is taken; small and capital letters are alike,
and a plural s is understood.
"""

from __future__ import annotations

import re
from html import escape

GLOSSARY = {
    "50/50 pixel blend": "No editor: both photos laid half-transparent over each other, to compare with.",
    "95 % interval": "Measured again on other faces of this kind, the value would lie in here 95 times of 100.",
    "accuracy": "How many of 100 answers were right.",
    "aligned face": "The face, cut out and turned so that eyes and mouth are always at the same place.",
    "alpha": "How far an edit goes: 0 changes nothing, 1 is the whole expression.",
    "calibrated": "Of 100 answers that said 70 %, about 70 were right. Checked on photos the model had not seen.",
    "calibration error": "By how much the percentages differ, on average, from how often the model was right.",
    "checkpoint": "A file with the numbers that a model has learned.",
    "classifier-free guidance": (
        "The painter draws once with what it is told and once without; the number says how many times the difference "
        "counts."
    ),
    "content hash": "A fingerprint: if one bit of what stays changes, so does the hash.",
    "cycle error": "The new face is given its own expression back. How far is it then from the photo?",
    "cosine": "How alike two directions are. 1: the same, 0: nothing in common, below 0: opposite.",
    "DCI completeness": "At 1 each thing is written in one number of the code alone.",
    "DCI disentanglement": "At 1 each number of the code tells of one thing alone.",
    "DCI informativeness": "At 1 everything can be told from the code.",
    "decoder": "The part of a network that turns a list of numbers into a picture.",
    "deletion": (
        "The face is hidden bit by bit, what the map ranks highest first. A good map makes the answer fall fast."
    ),
    "discriminator": (
        "A second network that learns to tell painted faces from photographs, so that the first must paint better."
    ),
    "disentanglement": "Keeping things apart: the person in one code, the expression in another.",
    "driver": "The face whose expression is wanted.",
    "driver copied": "No editor: the other face itself, to compare with.",
    "encoder": "The part of a network that turns a picture into a list of numbers.",
    "exact rows": "Photos as they were released, without those of which only a degraded copy is left.",
    "expected calibration error": "By how much the percentages differ, on average, from how often the model was right.",
    "expression code": "The list of numbers in which a model writes down what a face shows.",
    "Expression judge": "A recognizer that took no part in making a picture and says what it shows.",
    "FactorVAE score": "One thing is held still; at 1 the number of the code that stands still tells which.",
    "FER+": "New labels for FER2013: ten people voted on each face.",
    "FER2013": "A public set of 35,887 small grey photos of faces from the web, each with one of seven expressions.",
    "forgotten weights": (
        "The model is made to forget what it learned, layer by layer. A map of what it learned must then change."
    ),
    "Fréchet distance": "How far a heap of new faces is, as a whole, from a heap of photographs.",
    "Grad-CAM": "A way to find out which parts of a picture an answer rests on.",
    "guided Grad-CAM": "Grad-CAM with fine lines. The lines hardly depend on what the model has learned.",
    "guided backpropagation": "Fine lines of whatever is in the picture, whether it counted for the answer or not.",
    "Hub": "Hugging Face, a website where people share models and data.",
    "identity code": "The list of numbers in which a model writes down who a face is.",
    "identity distance": (
        "How far apart two pictures are in who they show. 0: the same picture. Measured by a network that "
        "compares people and took no part in the edit."
    ),
    "identity embedder": "A network that tells people apart; it was made for that alone.",
    "identity rank-1": "How often the new face is closer to its own person than to all others.",
    "input copied": "No editor: the photo unchanged, to compare with.",
    "insertion": (
        "A blurred face becomes sharp bit by bit, what the map ranks highest first. A good map "
        "makes the answer rise fast."
    ),
    "integrated gradients": "Adds up how much each pixel moves the answer on the way from a grey picture to the face.",
    "interval": "Measured again on other faces of this kind, the value would lie in here 95 times of 100.",
    "IRS": "At 1 a number of the code stays as it is, whatever else changes in the face.",
    "kernel distance": "Another way to tell how far a heap of new faces is from a heap of photographs.",
    "L1": "The average difference between two pictures, pixel by pixel.",
    "last layer": "The last step of a network, which turns what it has found in a face into its answer.",
    "layer": "One edit that you keep; the next one is made on top of it.",
    "LFW": "Labeled Faces in the Wild, a public set of 13,233 news photos of 5,749 people.",
    "LFW strangers": "People of Labeled Faces in the Wild who are kept apart for tests.",
    "linear": "The simplest probe: it adds up the numbers of a code, each with its own weight.",
    "MIG": "At 1 each thing is told by one number of the code, and by no second one.",
    "modularity": "At 1 each number of the code depends on one thing alone.",
    "natural size": (
        "How far the mouth moves in such edits, beside how far it moved in real people who made the same expression. "
        "1.0: as far. Measured on people from whom no editor learned."
    ),
    "occlusion": "A grey window is moved over the face. How much does the answer lose at each place?",
    "parameter": "One of the numbers that a model has learned.",
    "Parquet": "A file format for tables, which may have pictures in them.",
    "PCA": "A way to draw many numbers as a map: the two directions in which they differ most.",
    "perceptual distance": "How different two pictures look to a network, not counted pixel by pixel. It is not LPIPS.",
    "pitch": "How far the head nods, up or down.",
    "plain classifier": "A model that learned to tell expressions, and was not asked to keep anything apart.",
    "probability": "How likely the model takes something to be. All expressions together make 100 %.",
    "probe": "A small model that tries to guess something, such as the person, from a code.",
    "PublicTest": "3,589 photos of FER2013 that the models did not learn from.",
    "pure": "How much of a change belongs to this slider and to none of the others.",
    "purity": "How much of a change is what was asked for: at 1 nothing else changed.",
    "raw pixels": "The picture itself, a grey value for each of its dots, without any model.",
    "recognizer": "The model that says which expression a face shows.",
    "region Shapley": (
        "Each region of the face, such as the mouth, gets its fair share of the answer, over all "
        "ways to hide the others."
    ),
    "residual network": "A network of many layers, each of which adds a little to what came before.",
    "ROAD": "Deletion with hidden parts filled in from around them, so that no edge of the hole can give it away.",
    "roll": "How far the head leans to a shoulder.",
    "same-person band": "Distances as they are usual between two photos of one person.",
    "SAP": "At 1 one number of the code predicts a thing, and the next does no better than chance.",
    "seed": "A number that fixes the draw: the same seed draws the same people again.",
    "seven probabilities": "How likely the model takes each of the seven expressions to be.",
    "SHA-256": "A fingerprint of a file: if one bit differs, so does the fingerprint.",
    "shuffled labels": "The right answers dealt out at random, so that there is nothing to learn.",
    "split": "A part of a dataset: one for training, another for testing.",
    "small noise": "The photo is changed so little that nobody sees it. Does the map stay?",
    "SQL": "A language for questions to tables.",
    "SSIM": "Structural similarity: how alike two pictures are in their small patterns. 1: the same.",
    "synthetic": "Made by a computer; this person does not exist.",
    "t-SNE": "A way to draw many numbers as a map: it keeps small groups together.",
    "that Training lacks": "Photos of which no copy is among those that the models learned from.",
    "trustworthiness": "How few faces were drawn beside faces that are not like them. At 1 there are none.",
    "UMAP": "A way to draw many numbers as a map: what is alike lies close together.",
    "untrained encoder": "A model that has learned nothing: its numbers are still random.",
    "yaw": "How far the head is turned to the left or right.",
}

_KEYS = {term.lower(): meaning for term, meaning in GLOSSARY.items()}
_TERMS = re.compile(
    rf"(?<![\w-])({'|'.join(re.escape(term) for term in sorted(GLOSSARY, key=len, reverse=True))})(s?)(?![\w-])",
    re.IGNORECASE,
)


def explained(sentence: str) -> str:
    """A sentence as HTML, escaped, with an explanation at the first use of every term of the glossary."""
    parts, seen, end = [], set(), 0
    for found in _TERMS.finditer(sentence):
        key = found[1].lower()
        if key in seen:
            continue
        seen.add(key)
        parts += [escape(sentence[end : found.start()]), _term(found[0], _KEYS[key])]
        end = found.end()
    return "".join([*parts, escape(sentence[end:])])


def _term(word: str, meaning: str) -> str:
    return f'<dfn class="term" tabindex="0" aria-description="{escape(meaning)}">{escape(word)}</dfn>'
