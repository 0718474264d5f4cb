"""Pure: results in, text out. No clock, no files, the same bytes for the same result."""
