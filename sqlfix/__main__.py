"""``python -m sqlfix``."""

from sqlfix.cli import main

main()
