"""whose data is whose after a hand-over, whom a look showed, refusals counted, and seals over the journal and
the ledger
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import db
from db import engines

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None

def upgrade() -> None:
    op.create_table('former_owner',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('contract_id', sa.Integer(), nullable=False),
    sa.Column('subscriber_id', sa.Integer(), nullable=False),
    sa.Column('since', db.Instant(), nullable=True),
    sa.Column('until', db.Instant(), nullable=False),
    sa.ForeignKeyConstraint(['contract_id'], ['contract.id'], name=op.f('fk_former_owner_contract_id')),
    sa.ForeignKeyConstraint(['subscriber_id'], ['subscriber.id'], name=op.f('fk_former_owner_subscriber_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_former_owner'))
    )
    op.create_index(op.f('ix_former_owner_contract_id'), 'former_owner', ['contract_id'])
    op.create_index(op.f('ix_former_owner_subscriber_id'), 'former_owner', ['subscriber_id'])

    op.create_table('journal_subject',
    sa.Column('journal_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('subscriber_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('at', db.Instant(), nullable=False),
    sa.ForeignKeyConstraint(['journal_id'], ['journal.id'], name=op.f('fk_journal_subject_journal_id')),
    sa.PrimaryKeyConstraint('journal_id', 'subscriber_id', name=op.f('pk_journal_subject')),
    sqlite_with_rowid=False
    )
    op.create_index('ix_journal_subject_subscriber_id_at', 'journal_subject', ['subscriber_id', 'at'])

    op.create_table('denial',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('hour', db.Instant(), nullable=False),
    sa.Column('actor', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('route', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('status', sa.Integer(), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_denial')),
    sa.UniqueConstraint('hour', 'actor', 'route', 'status', name=op.f('uq_denial_hour_actor_route_status'))
    )
    op.create_table('staff_query',
    sa.Column('token', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('page', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('form', sa.JSON(), nullable=False),
    sa.Column('at', db.Instant(), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_staff_query_staff_id')),
    sa.PrimaryKeyConstraint('token', name=op.f('pk_staff_query'))
    )
    op.create_index(op.f('ix_staff_query_at'), 'staff_query', ['at'])

    op.create_table('audit_seal',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('first_id', sa.Integer(), nullable=False),
    sa.Column('last_id', sa.Integer(), nullable=False),
    sa.Column('rows', sa.Integer(), nullable=False),
    sa.Column('hash', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('previous', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('marks', sa.LargeBinary(), nullable=False),
    sa.Column('sealed_at', db.Instant(), nullable=False),
    sa.Column('removed_before', db.Instant(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit_seal')),
    sa.UniqueConstraint('kind', 'first_id', name=op.f('uq_audit_seal_kind_first_id'))
    )
    engine = engines.dialect_of(op.get_bind())
    kept = [
        *engine.append_only("journal_subject", days=3 * 365), *engine.no_replace("ledger_entry", "id", "source"),
        *engine.no_replace("journal", "id"),
    ]
    for statement in kept:
        op.execute(statement)
    _past_hand_overs()


def _past_hand_overs() -> None:
    """What the journal still knows of contracts that have changed hands: who owned them until when. Nobody is
    written to.
    """
    op.execute("INSERT INTO former_owner (contract_id, subscriber_id, since, until) "
               "SELECT gone.contract_id, gone.subscriber_id, "
               "(SELECT max(earlier.at) FROM journal earlier WHERE earlier.verb = 'registry.gone' "
               "AND earlier.contract_id = gone.contract_id AND earlier.id < gone.id), gone.at "
               "FROM journal gone JOIN contract ON contract.id = gone.contract_id "
               "JOIN subscriber ON subscriber.id = gone.subscriber_id "
               "WHERE gone.verb = 'registry.gone' ORDER BY gone.id")
    op.execute("UPDATE contract SET owned_since = (SELECT max(former_owner.until) FROM former_owner "
               "WHERE former_owner.contract_id = contract.id) "
               "WHERE owned_since IS NULL AND id IN (SELECT contract_id FROM former_owner)")
    # Nobody knows which of these names are the former owner's.
    op.execute("DELETE FROM key_name WHERE contract_id IN (SELECT id FROM contract WHERE owned_since IS NOT NULL)")
    theirs = (
        "state IN ('new', 'work', 'needs_info', 'approved') AND subscriber_id <> "
        "(SELECT owner.subscriber_id FROM contract owner WHERE owner.id = request.contract_id)"
    )
    paying = "EXISTS (SELECT 1 FROM refund WHERE refund.request_id = request.id AND refund.state = 'asked')"
    now = "(SELECT max(at) FROM journal)"
    for statement in (
        f"UPDATE request SET unread = 0, fingerprint = fingerprint || ':' || number WHERE {theirs} AND {paying}",  # noqa: S608
        "INSERT INTO request_step (request_id, at, actor, name, verb, state, words, internal) "  # noqa: S608
        f"SELECT id, {now}, 'system:registry', 'Система', 'withdraw', 'withdrawn', "
        f"'Договор оформлен на другого абонента.', 0 FROM request WHERE {theirs} AND NOT {paying}",
        f"UPDATE request SET state = 'withdrawn', version = version + 1, unread = 0, closed_at = {now}, "  # noqa: S608
        f"moved_at = {now}, answered_at = coalesce(answered_at, {now}) WHERE {theirs} AND NOT {paying}",
    ):
        op.execute(statement)


def downgrade() -> None:
    raise NotImplementedError("go back by restoring the backup taken before the upgrade")
