"""The frameworks whose texts are known, each with what it says in its own way: see `sqlfix.explain.errors.dialect`."""
