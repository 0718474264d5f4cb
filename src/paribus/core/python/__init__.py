"""Python as syntax: what of two versions of a program differs, and what belongs together."""
