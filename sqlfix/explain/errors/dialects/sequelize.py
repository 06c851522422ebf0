"""Sequelize: the names of its errors."""

from __future__ import annotations

from sqlfix.explain.errors.dialect import DIALECTS, Dialect
from sqlfix.explain.errors.message import Kind

_CODES = {"SequelizeForeignKeyConstraintError": Kind.FOREIGN_KEY, "SequelizeUniqueConstraintError": Kind.UNIQUE}
DIALECTS.add("sequelize", Dialect("Sequelize", 60, ("Sequelize", "sequelize"), codes=_CODES))
