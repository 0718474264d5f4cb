"""Gathers what the notebook page shows: the staircase, and each experiment in full."""
