"""The notebook page: everything that the ledger has of a project in one HTML file."""
