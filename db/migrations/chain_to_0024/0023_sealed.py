"""columns for what lies sealed; what lies in clear is moved there by the job, which has the keys"""

from datetime import UTC, datetime

import sqlalchemy as sa
import sqlmodel
from alembic import op

import db

revision = '0023'
down_revision = '0022'
branch_labels = None
depends_on = None

CLEAR = {
    'outbox': "secret = 0 AND kind IN ('code', 'password', 'confirm-email')",
    'bank_call': "body <> ''",
    'payment': "token IS NOT NULL",
}


def upgrade() -> None:
    op.create_table('secrets_cleaned',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', db.Instant(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_secrets_cleaned'))
    )
    op.add_column('outbox', sa.Column('secret', sa.Integer(), server_default='0', nullable=False))
    for table, column in (
        ('outbox', 'sealed'), ('subscriber', 'totp_sealed'), ('autopay', 'token_sealed'), ('bank_call', 'body_sealed'),
        ('staff_recovery_code', 'code_sealed'),
    ):
        op.add_column(table, sa.Column(column, sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    for table, left in CLEAR.items():
        op.create_index(f'ix_{table}_clear', table, ['id'], sqlite_where=sa.text(left), postgresql_where=sa.text(left))
    connection = op.get_bind()
    if not any(connection.execute(sa.text(f'SELECT 1 FROM {name} LIMIT 1')).first() for name in ('subscriber', 'staff', 'outbox')):  # noqa: S608
        # A new file: no secret ever lay in it in clear, there is nothing to clean.
        now = round(datetime.now(UTC).timestamp() * 1000)
        connection.execute(sa.text('INSERT INTO secrets_cleaned (at) VALUES (:now)'), {'now': now})


def downgrade() -> None:
    raise NotImplementedError("go back by restoring the backup taken before the upgrade")
