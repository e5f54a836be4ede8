"""A study: what was asked, what came out, and how to repeat it to the bit."""
