"""Evaluation examples: what a predictions file says of the noise that an evaluation set brings."""
