"""One file per verb: each calls the adapters and the core in turn, and decides nothing itself."""
