"""Takes a confounded diff apart: a tree for each change, believed when the judge finds just that one."""
