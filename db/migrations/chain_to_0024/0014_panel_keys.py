"""panel keys; wishes settled for the day"""

import sqlalchemy as sa
import sqlmodel
from alembic import op


import db

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('panel_key',
    sa.Column('number', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('sealed', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('bits', sa.Integer(), nullable=False),
    sa.Column('set_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('set_at', db.Instant(), nullable=False),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_panel_key'))
    )
    op.add_column('watch', sa.Column('settled_on', sa.Date(), nullable=True))
    op.create_index(op.f('ix_watch_minute'), 'watch', ['minute'], unique=False)


def downgrade() -> None:
    raise NotImplementedError("go back by restoring the backup taken before the upgrade")
