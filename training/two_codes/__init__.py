"""What every method has that paints from an identity code and an expression code: its figures and its sheet."""
