"""One file for each framework whose texts are known: see `sqlfix.explain.errors.dialect`."""
