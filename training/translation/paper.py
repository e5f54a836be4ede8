"""Where both label translators differ from their papers: what stands in the tables of US-GAN and StarGAN alike."""

from __future__ import annotations

from fer_demo.published.differences import Difference

SHARED_DIFFERENCES = (
    Difference(
        "the name",
        "seven constant maps beside the face, in the first layer",
        "a scale and a shift of every norm's channels: the first instance norm takes constant maps away again",
    ),
    Difference(
        "critic",
        "its class head learns from photographs alone",
        "fourteen classes: seven expressions of photographs and the same seven painted, so that a pattern which it "
        "took for an expression stops being one",
    ),
    Difference("critic's norms", "none", "layer norms"),
    Difference(
        "true pairs",
        "none: pictures are not paired",
        "a quarter of every batch: posed and rendered people with the true picture of the expression",
    ),
    Difference("still places", "nothing", "a cost for change where rendered people's pictures never change"),
    Difference(
        "schedule",
        "StarGAN's code: five steps of the critic for one of the generator, rate 1e-4, then a linear decay",
        "one for one, peak rates 1e-3 and, of the critic, 3e-4 of a cosine; the critic's say grows over the first "
        "tenth; averaged weights",
    ),
    Difference(
        "alignment",
        "cropped around the face; how exactly is not known to us",
        "faces aligned to a template by eyes, nose and mouth",
    ),
    Difference(
        "selection and test",
        "not known to us",
        "the last averaged weights; tested on people of CK+, London and LFW who never teach, and on rendered people",
    ),
)
