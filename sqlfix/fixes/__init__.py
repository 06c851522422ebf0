"""One file per fix."""
