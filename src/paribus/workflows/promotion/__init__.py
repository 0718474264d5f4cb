"""What stands between a candidate and the next baseline: fresh pairs, the gate, the tag."""
