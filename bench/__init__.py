"""Measured comparisons: figures from one run on one machine, to be read as ratios."""
