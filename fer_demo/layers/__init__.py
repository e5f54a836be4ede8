"""True building blocks shared by several networks."""
