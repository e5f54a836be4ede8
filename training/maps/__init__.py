"""Maps of the codes, fitted once and shipped."""
