"""codes are bound to a session's random value, numbers of rows that go never come again, a lost application
has its day
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import db

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None

# Rows of these are deleted while an address, a page left open, a journal's line or a sealed file still names
# them.
NUMBERED_ONCE = ('session', 'request_draft', 'attachment', 'outbox', 'payment_template', 'watch', 'added_key')
ONCE = {'sqlite_autoincrement': True}


def upgrade() -> None:
    # A code lives ten minutes, and those that wait now are bound to a number a session may have had before.
    op.execute('DELETE FROM code')
    with op.batch_alter_table('code', recreate='auto', table_kwargs=ONCE) as code:
        code.add_column(sa.Column('session_id', sa.Integer(), nullable=True))
        code.create_foreign_key(code.f('fk_code_session_id'), 'session', ['session_id'], ['id'], ondelete='CASCADE')
        code.create_index(code.f('ix_code_session_id'), ['session_id'], unique=False)
        code.create_index(code.f('ix_code_subscriber_id'), ['subscriber_id'], unique=False)
    if op.get_bind().dialect.name == 'sqlite':
        for name in NUMBERED_ONCE:
            with op.batch_alter_table(name, recreate='always', table_kwargs=ONCE):
                pass

    op.add_column('subscriber', sa.Column('app_off_at', db.Instant(), nullable=True))
    op.add_column('subscriber', sa.Column('security_unread', sa.Integer(), nullable=False, server_default='0'))
    op.create_index('ix_subscriber_app_off', 'subscriber', ['app_off_at'], sqlite_where=sa.text('app_off_at IS NOT NULL'),
                    postgresql_where=sa.text('app_off_at IS NOT NULL'))
    op.add_column('staff', sa.Column('email', sqlmodel.sql.sqltypes.AutoString(), nullable=True))
    op.create_table('security_notice',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('subscriber_id', sa.Integer(), nullable=False),
    sa.Column('change', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('text', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('at', db.Instant(), nullable=False),
    sa.Column('read_at', db.Instant(), nullable=True),
    sa.ForeignKeyConstraint(['subscriber_id'], ['subscriber.id'], name=op.f('fk_security_notice_subscriber_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_security_notice')),
    sqlite_autoincrement=True,
    )
    op.create_index(op.f('ix_security_notice_subscriber_id'), 'security_notice', ['subscriber_id'], unique=False)


def downgrade() -> None:
    raise NotImplementedError("go back by restoring the backup taken before the upgrade")
