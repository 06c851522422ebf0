"""The environment of Alembic; the database is named by DATABASE."""

import os

from alembic import context
from models import metadata
from sqlalchemy import create_engine

with create_engine(f"sqlite:///{os.environ['DATABASE']}").connect() as connection:
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
    with context.begin_transaction():
        context.run_migrations()
