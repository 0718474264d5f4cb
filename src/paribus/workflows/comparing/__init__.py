"""What `paribus compare` is made of: what is asked for, what each revision holds, what the ledger knows."""
