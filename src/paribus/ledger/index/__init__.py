"""A SQLite file that answers questions about the ledger fast, and that can be thrown away at any time."""
