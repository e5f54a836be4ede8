"""make soak: many visitors, a thousand recognitions, kills and damaged files, each with figures."""
