"""One file per method: its settings and its objective."""
