"""Paribus: controlled machine-learning experiments on Git and DVC."""

__version__ = "0.1.0"
