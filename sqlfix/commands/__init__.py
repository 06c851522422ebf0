"""One file per command: options in, report out."""
