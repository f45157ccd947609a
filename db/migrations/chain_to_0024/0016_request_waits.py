"""a contract's first page finds what it waits for without walking everybody's approved requests"""

from alembic import op

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index('ix_request_waits', 'request', ['contract_id', 'state', 'effective_day', 'number'])


def downgrade() -> None:
    raise NotImplementedError("go back by restoring the backup taken before the upgrade")
