"""Browsers people enter from; who gave a consent, and whether they had entered."""

import sqlalchemy as sa
from alembic import op

import db

revision = '0021'
down_revision = '0020'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('device_token',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('subscriber_id', sa.Integer(), nullable=True),
    sa.Column('representative_id', sa.Integer(), nullable=True),
    sa.Column('staff_id', sa.Integer(), nullable=True),
    sa.Column('session_hash', sa.LargeBinary(), nullable=False),
    sa.Column('seen_at', db.Instant(), nullable=False),
    sa.ForeignKeyConstraint(['subscriber_id'], ['subscriber.id'], name=op.f('fk_device_token_subscriber_id')),
    sa.ForeignKeyConstraint(['representative_id'], ['representative.id'], name=op.f('fk_device_token_representative_id')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_device_token_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_device_token')),
    sqlite_autoincrement=True,
    )
    for column in ('token_hash', 'subscriber_id', 'representative_id', 'staff_id'):
        op.create_index(op.f(f'ix_device_token_{column}'), 'device_token', [column])
    with op.batch_alter_table('acceptance', schema=None) as batch_op:
        batch_op.add_column(sa.Column('signed_in', sa.Integer(), nullable=False, server_default='0'))
        batch_op.add_column(sa.Column('representative_id', sa.Integer(), nullable=True))
        batch_op.create_foreign_key(op.f('fk_acceptance_representative_id'), 'representative', ['representative_id'], ['id'])
    # Rules of a deed were always accepted by whoever had entered; a consent stood before the entry, where
    # anybody could give it.
    op.execute("UPDATE acceptance SET signed_in = 1 WHERE name != 'consent'")


def downgrade() -> None:
    raise NotImplementedError("go back by restoring the backup taken before the upgrade")
