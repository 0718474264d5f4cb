"""What files say of the environment: one module for each family of formats, and how two sides compare."""
