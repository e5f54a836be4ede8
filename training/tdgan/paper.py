"""Where every TDGAN of ours differs from the paper, whatever its recipe: size, data, alignment and selection."""

from __future__ import annotations

from fer_demo.published.differences import Difference

SETUP_DIFFERENCES = (
    Difference("size", "128 × 128 pixels", "64 × 64 pixels, or 128 × 128 with --size 128"),
    Difference(
        "expression data",
        "CK+, TFEID, RaFD, BAUM-2i and RAF-DB, one model for each",
        "FER2013 Training without the pictures that also occur in PublicTest",
    ),
    Difference(
        "alignment",
        "faces found by MTCNN and resized",
        "faces aligned to a template by eyes, nose and mouth",
    ),
)
SELECTION_IN_PAPER = "tenfold cross-validation by person; on RAF-DB the official split"
