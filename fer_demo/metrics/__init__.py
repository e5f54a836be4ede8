"""Measures of answers, codes and pictures: one to a file, on arrays alone."""
