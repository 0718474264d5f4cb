"""What Hydra would make of config files, told from the files alone."""
