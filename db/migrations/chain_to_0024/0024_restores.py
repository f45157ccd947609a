"""restores from a copy, and keys derived from what they are for"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import db

revision = '0024'
down_revision = '0023'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('restore',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('restored_at', db.Instant(), nullable=False),
    sa.Column('copied_at', db.Instant(), nullable=False),
    sa.Column('reconciled_at', db.Instant(), nullable=True),
    sa.Column('error', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('recovered', sa.Integer(), nullable=False),
    sa.Column('unknown', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_restore'))
    )
    op.add_column('refund', sa.Column('series', sa.Integer(), nullable=False, server_default='0'))
    op.add_column('receipt', sa.Column('key_seed', sqlmodel.sql.sqltypes.AutoString(), nullable=True))


def downgrade() -> None:
    raise NotImplementedError("go back by restoring the backup taken before the upgrade")
