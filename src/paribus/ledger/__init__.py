"""The ledger: the lab notebook, an ordinary branch of write-once files, never checked out."""
