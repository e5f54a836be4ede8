"""What a page shows: its name, a sentence about it, and its tabs; the app's own page and those of the Spaces."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ShownPage:
    """A page over the same models and data as any other."""

    name: str
    about: str  # a sentence below the name
    tabs: tuple[str, ...]  # modules of interface/tabs in their order


LAB = ShownPage(
    "Expression lab",
    "Recognize an expression, give it to another face, and see how a model keeps the person apart from the expression.",
    ("recognize", "explain", "transfer", "latent_space", "leakage", "dataset", "about"),
)
EXPLORER = ShownPage(
    "Face explorer",
    "Look at what is in a set of faces and what is wrong with it, and at the maps on which models lay them out.",
    ("dataset", "latent_space", "about"),
)
LESSON = ShownPage(
    "A lesson about faces",
    "Guess what a face shows; see what a machine and ten people would say, where it looks, and what its codes tell.",
    ("recognize", "explain", "leakage", "about"),
)
