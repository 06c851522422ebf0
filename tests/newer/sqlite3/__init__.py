"""Stands in for the standard library's sqlite3 with a newer SQLite, for `make test-sqlite`.

This folder's parent goes first in PYTHONPATH, so that the tests, the package and what they start all meet it; the
wheel named in the Makefile brings the SQLite.
"""

import sys

import pysqlite3.dbapi2
from pysqlite3.dbapi2 import *  # noqa: F403

sys.modules["sqlite3.dbapi2"] = dbapi2 = pysqlite3.dbapi2
