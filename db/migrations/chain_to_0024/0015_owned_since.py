"""a contract's present owner sees nothing of the former one's days"""

import sqlalchemy as sa
from alembic import op

import db

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('contract', sa.Column('owned_since', db.Instant(), nullable=True))


def downgrade() -> None:
    raise NotImplementedError("go back by restoring the backup taken before the upgrade")
