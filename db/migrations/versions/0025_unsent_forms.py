"""what was typed into a form whose session had ended"""

import sqlalchemy as sa
import sqlmodel
from alembic import op


import db

revision = '0025'
down_revision = '0024'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('unsent_form',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('person', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('contract_id', sa.Integer(), nullable=True),
    sa.Column('fields_sealed', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('at', db.Instant(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_unsent_form')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('unsent_form', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_unsent_form_at'), ['at'], unique=False)
        batch_op.create_index(batch_op.f('ix_unsent_form_person'), ['person'], unique=False)



def downgrade() -> None:
    raise NotImplementedError("go back by restoring the backup taken before the upgrade")
