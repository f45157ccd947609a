"""the wording somebody accepted is kept by its hash: texts are filled with the operator's name, which a
setting may change
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import db

revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('accepted_text',
    sa.Column('sha256', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('body', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('at', db.Instant(), nullable=False),
    sa.PrimaryKeyConstraint('sha256', name=op.f('pk_accepted_text'))
    )


def downgrade() -> None:
    raise NotImplementedError("go back by restoring the backup taken before the upgrade")
