"""PDF files kept whole by an earlier program are drawn anew by a job; each row says whether that was done"""

import sqlalchemy as sa
from alembic import op

revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('attachment', sa.Column('redrawn', sa.Integer(), nullable=False, server_default='0'))
    op.execute("UPDATE attachment SET redrawn = 1 WHERE type <> 'application/pdf'")
    op.create_index('ix_attachment_redrawn', 'attachment', ['redrawn'])


def downgrade() -> None:
    raise NotImplementedError("go back by restoring the backup taken before the upgrade")
