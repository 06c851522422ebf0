"""The group is required."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Require it."""
    with op.batch_alter_table("widgets") as batch:
        batch.alter_column("group_id", existing_type=sa.Integer(), nullable=False)
