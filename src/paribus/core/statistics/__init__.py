"""Statistics: intervals, levels, power, and what repeated and many tries do to them."""
