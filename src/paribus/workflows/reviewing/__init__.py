"""`paribus review`: check, compare and gate of a pull request, from Git objects and the ledger alone."""
