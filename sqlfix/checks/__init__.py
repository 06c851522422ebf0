"""One file per check; its docstring is its page in the docs."""
