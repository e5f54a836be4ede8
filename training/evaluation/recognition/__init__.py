"""How well a recognizer reads faces, and how far to trust it."""
