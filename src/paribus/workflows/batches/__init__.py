"""Several experiments at once: expanded, raced, and looked at as a family."""
