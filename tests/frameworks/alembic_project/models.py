"""The tables as they are to be: the group of a widget is required."""

from sqlalchemy import Column, ForeignKey, Integer, MetaData, String, Table

metadata = MetaData()
groups = Table(
    "groups", metadata, Column("id", Integer, primary_key=True), Column("name", String(80), nullable=False, unique=True)
)
widgets = Table(
    "widgets",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(100), nullable=False),
    Column("group_id", Integer, ForeignKey("groups.id"), nullable=False),
)
