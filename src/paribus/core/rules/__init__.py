"""One module for each kind of file: which files it claims, and what differs in them."""
