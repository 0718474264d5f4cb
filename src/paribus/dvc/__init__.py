"""All that knows DVC: its files, its layout, and how to run it inside a clone."""
