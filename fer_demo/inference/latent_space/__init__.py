"""Maps of the codes: their files, and where a new face lies on them."""
