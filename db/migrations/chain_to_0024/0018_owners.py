"""who is told of narrower rights of representatives; what a key number waits to see at the panel"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import db

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'key_challenge',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('try_id', sa.Integer(), nullable=False),
        sa.Column('sequence', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column('started_at', db.Instant(), nullable=False),
        sa.ForeignKeyConstraint(['try_id'], ['key_try.id'], name=op.f('fk_key_challenge_try_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_key_challenge')),
    )
    op.create_index(op.f('ix_key_challenge_try_id'), 'key_challenge', ['try_id'])
    for table in ('representative', 'subscriber'):
        op.add_column(table, sa.Column('rights_notice', sa.Integer(), nullable=False, server_default='0'))
    # Who had the right to write or to pay may do less now: they and the owner read of it on their next first
    # page.
    op.execute(
        "UPDATE representative SET rights_notice = 1 "
        "WHERE taken_at IS NULL AND until >= CURRENT_DATE AND (rights LIKE '%requests%' OR rights LIKE '%pay%')"
    )
    op.execute(
        "UPDATE subscriber SET rights_notice = 1 WHERE id IN (SELECT subscriber_id FROM representative WHERE rights_notice = 1)"
    )


def downgrade() -> None:
    raise NotImplementedError("go back by restoring the backup taken before the upgrade")
