"""Examines a project: a module for each kind of thing that can be wrong, and one that calls them all."""
