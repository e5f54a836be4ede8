"""One person with another's expression: edits, strips, comparisons and what is measured of them."""
