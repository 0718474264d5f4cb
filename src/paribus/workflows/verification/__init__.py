"""`paribus verify`: which recorded runs, made again afresh, held against their records."""
