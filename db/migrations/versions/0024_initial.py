"""the whole schema: what a new file begins with, equal to the end of the chain in ../chain_to_0024"""

from datetime import UTC, datetime

import sqlalchemy as sa
import sqlmodel
from alembic import op

import db
from db import engines
from db.desk import search

revision = '0024'
down_revision = None
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
    op.create_table('attempt',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('what', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('subject', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('at', db.Instant(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attempt'))
    )
    with op.batch_alter_table('attempt', schema=None) as batch_op:
        batch_op.create_index('ix_attempt_what_subject_at', ['what', 'subject', 'at'], unique=False)

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
    op.create_table('canned_answer',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('title', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('text', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('removed_at', db.Instant(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_canned_answer'))
    )
    op.create_table('clock_shift',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('seconds', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_clock_shift'))
    )
    op.create_table('debt_reckoning',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=True),
    sa.Column('at', db.Instant(), nullable=True),
    sa.Column('asked_at', db.Instant(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_debt_reckoning'))
    )
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
    op.create_table('job_run',
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('at', db.Instant(), nullable=False),
    sa.Column('error', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('failed_at', db.Instant(), nullable=True),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_job_run'))
    )
    op.create_table('journal',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', db.Instant(), nullable=False),
    sa.Column('actor', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('verb', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('contract_id', sa.Integer(), nullable=True),
    sa.Column('subscriber_id', sa.Integer(), nullable=True),
    sa.Column('facts', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_journal'))
    )
    with op.batch_alter_table('journal', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_journal_actor'), ['actor'], unique=False)
        batch_op.create_index(batch_op.f('ix_journal_at'), ['at'], unique=False)
        batch_op.create_index(batch_op.f('ix_journal_contract_id'), ['contract_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_journal_subscriber_id'), ['subscriber_id'], unique=False)

    op.create_table('ledger_month',
    sa.Column('first', sa.Date(), nullable=False),
    sa.Column('at', db.Instant(), nullable=False),
    sa.Column('entries', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('first', name=op.f('pk_ledger_month'))
    )
    op.create_table('panel',
    sa.Column('number', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('contact_at', db.Instant(), nullable=False),
    sa.Column('frames', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_panel'))
    )
    op.create_table('panel_key',
    sa.Column('number', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('sealed', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('bits', sa.Integer(), nullable=False),
    sa.Column('set_by', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('set_at', db.Instant(), nullable=False),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_panel_key'))
    )
    op.create_table('reconciliation',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('payee', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('next_at', db.Instant(), nullable=True),
    sa.Column('done_at', db.Instant(), nullable=True),
    sa.Column('error', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.Column('total', sa.Integer(), nullable=False),
    sa.Column('found', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reconciliation')),
    sa.UniqueConstraint('day', 'payee', name=op.f('uq_reconciliation_day_payee'))
    )
    with op.batch_alter_table('reconciliation', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_reconciliation_next_at'), ['next_at'], unique=False)

    op.create_table('registration',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('token_hash', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('phone', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('email', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('at', db.Instant(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_registration')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_registration_token_hash'))
    )
    op.create_table('registry_import',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', db.Instant(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('file', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('created', sa.Integer(), nullable=False),
    sa.Column('changed', sa.Integer(), nullable=False),
    sa.Column('unchanged', sa.Integer(), nullable=False),
    sa.Column('rejected', sa.Integer(), nullable=False),
    sa.Column('report', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_registry_import'))
    )
    with op.batch_alter_table('registry_import', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_registry_import_at'), ['at'], unique=False)

    op.create_table('registry_line',
    sa.Column('number', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('facts', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_registry_line'))
    )
    op.create_table('restore',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('restored_at', db.Instant(), nullable=False),
    sa.Column('copied_at', db.Instant(), nullable=False),
    sa.Column('reconciled_at', db.Instant(), nullable=True),
    sa.Column('error', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('recovered', sa.Integer(), nullable=False),
    sa.Column('unknown', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_restore'))
    )
    op.create_table('search',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('ref_id', sa.Integer(), nullable=False),
    sa.Column('contract_id', sa.Integer(), nullable=True),
    sa.Column('words', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('stems', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_search')),
    sa.UniqueConstraint('kind', 'ref_id', name=op.f('uq_search_kind_ref_id'))
    )
    op.create_table('search_stale',
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('ref_id', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('kind', 'ref_id', name=op.f('pk_search_stale'))
    )
    op.create_table('secrets_cleaned',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', db.Instant(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_secrets_cleaned'))
    )
    op.create_table('sending',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('actor', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('digest', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('place', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('words', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('at', db.Instant(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_sending')),
    sa.UniqueConstraint('key', name=op.f('uq_sending_key'))
    )
    with op.batch_alter_table('sending', schema=None) as batch_op:
        batch_op.create_index('ix_sending_actor_digest', ['actor', 'digest'], unique=False)

    op.create_table('staff',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('login', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('role', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('password_hash', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('totp_secret', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('totp_last', sa.Integer(), nullable=True),
    sa.Column('disabled_at', db.Instant(), nullable=True),
    sa.Column('invite_hash', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('invite_secret', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('invited_until', db.Instant(), nullable=True),
    sa.Column('email', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff')),
    sa.UniqueConstraint('invite_hash', name=op.f('uq_staff_invite_hash')),
    sa.UniqueConstraint('login', name=op.f('uq_staff_login'))
    )
    op.create_table('station_receipt',
    sa.Column('source_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('external', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('at', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('source_id', 'external', name=op.f('pk_station_receipt')),
    sqlite_with_rowid=False
    )
    op.create_table('station_source',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('contact_at', db.Instant(), nullable=False),
    sa.Column('event_at', db.Instant(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_station_source')),
    sa.UniqueConstraint('name', name=op.f('uq_station_source_name'))
    )
    op.create_table('subscriber',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('inn', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('mobile', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('contact_mobile', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('landline', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('email', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('email_asked', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('email_confirmed_at', db.Instant(), nullable=True),
    sa.Column('registered_at', db.Instant(), nullable=True),
    sa.Column('entry', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('password_hash', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('initial_hash', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('initial_until', db.Instant(), nullable=True),
    sa.Column('totp_secret', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('totp_sealed', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('totp_step', sa.Integer(), nullable=True),
    sa.Column('app_off_at', db.Instant(), nullable=True),
    sa.Column('security_unread', sa.Integer(), nullable=False, server_default='0'),
    sa.Column('welcome', sa.Integer(), nullable=False, server_default='0'),
    sa.Column('rights_notice', sa.Integer(), nullable=False, server_default='0'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_subscriber')),
    sa.UniqueConstraint('code', name=op.f('uq_subscriber_code'))
    )
    with op.batch_alter_table('subscriber', schema=None) as batch_op:
        batch_op.create_index('ix_subscriber_app_off', ['app_off_at'], unique=False, sqlite_where=sa.text('app_off_at IS NOT NULL'), postgresql_where=sa.text('app_off_at IS NOT NULL'))

    op.create_table('waiting_event',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('at', sa.Integer(), nullable=False),
    sa.Column('event_id', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('who', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('part', sa.Integer(), nullable=False),
    sa.Column('source_id', sa.Integer(), nullable=False),
    sa.Column('received_at', db.Instant(), nullable=False),
    sa.Column('raw', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_waiting_event'))
    )
    with op.batch_alter_table('waiting_event', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_waiting_event_source_id'), ['source_id'], unique=False)
        batch_op.create_index('uq_waiting_event_identity', ['number', 'at', 'event_id'], unique=True)

    op.create_table('contract',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('subscriber_id', sa.Integer(), nullable=False),
    sa.Column('signed_on', sa.Date(), nullable=False),
    sa.Column('address', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('ends_on', sa.Date(), nullable=True),
    sa.Column('unread', sa.Integer(), nullable=False),
    sa.Column('owned_since', db.Instant(), nullable=True),
    sa.ForeignKeyConstraint(['subscriber_id'], ['subscriber.id'], name=op.f('fk_contract_subscriber_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contract')),
    sa.UniqueConstraint('number', name=op.f('uq_contract_number'))
    )
    with op.batch_alter_table('contract', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_contract_subscriber_id'), ['subscriber_id'], unique=False)

    op.create_table('journal_subject',
    sa.Column('journal_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('subscriber_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('at', db.Instant(), nullable=False),
    sa.ForeignKeyConstraint(['journal_id'], ['journal.id'], name=op.f('fk_journal_subject_journal_id')),
    sa.PrimaryKeyConstraint('journal_id', 'subscriber_id', name=op.f('pk_journal_subject')),
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('journal_subject', schema=None) as batch_op:
        batch_op.create_index('ix_journal_subject_subscriber_id_at', ['subscriber_id', 'at'], unique=False)

    op.create_table('notice',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('title', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('text', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('first', sa.Date(), nullable=False),
    sa.Column('last', sa.Date(), nullable=False),
    sa.Column('everyone', sa.Integer(), nullable=False),
    sa.Column('whom', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('at', db.Instant(), nullable=False),
    sa.Column('withdrawn_at', db.Instant(), nullable=True),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_notice_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_notice'))
    )
    with op.batch_alter_table('notice', schema=None) as batch_op:
        batch_op.create_index('ix_notice_last', ['last'], unique=False)

    op.create_table('notice_choice',
    sa.Column('subscriber_id', sa.Integer(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('channel', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('wanted', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['subscriber_id'], ['subscriber.id'], name=op.f('fk_notice_choice_subscriber_id')),
    sa.PrimaryKeyConstraint('subscriber_id', 'kind', 'channel', name=op.f('pk_notice_choice'))
    )
    op.create_table('representative',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('subscriber_id', sa.Integer(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('phone', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('rights', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('until', sa.Date(), nullable=False),
    sa.Column('given_at', db.Instant(), nullable=False),
    sa.Column('taken_at', db.Instant(), nullable=True),
    sa.Column('rights_notice', sa.Integer(), nullable=False, server_default='0'),
    sa.ForeignKeyConstraint(['subscriber_id'], ['subscriber.id'], name=op.f('fk_representative_subscriber_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_representative'))
    )
    with op.batch_alter_table('representative', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_representative_subscriber_id'), ['subscriber_id'], unique=False)
        batch_op.create_index('uq_representative_live', ['subscriber_id', 'phone'], unique=True, sqlite_where=sa.text('taken_at IS NULL'), postgresql_where=sa.text('taken_at IS NULL'))

    op.create_table('security_notice',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('subscriber_id', sa.Integer(), nullable=False),
    sa.Column('change', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('text', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('at', db.Instant(), nullable=False),
    sa.Column('read_at', db.Instant(), nullable=True),
    sa.ForeignKeyConstraint(['subscriber_id'], ['subscriber.id'], name=op.f('fk_security_notice_subscriber_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_security_notice')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('security_notice', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_security_notice_subscriber_id'), ['subscriber_id'], unique=False)

    op.create_table('staff_query',
    sa.Column('token', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('page', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('form', sa.JSON(), nullable=False),
    sa.Column('at', db.Instant(), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_staff_query_staff_id')),
    sa.PrimaryKeyConstraint('token', name=op.f('pk_staff_query'))
    )
    with op.batch_alter_table('staff_query', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_staff_query_at'), ['at'], unique=False)

    op.create_table('staff_recovery_code',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('staff_id', sa.Integer(), nullable=False),
    sa.Column('code_hash', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('code_sealed', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('used_at', db.Instant(), nullable=True),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_staff_recovery_code_staff_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff_recovery_code'))
    )
    with op.batch_alter_table('staff_recovery_code', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_staff_recovery_code_staff_id'), ['staff_id'], unique=False)

    op.create_table('acceptance',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('subscriber_id', sa.Integer(), nullable=False),
    sa.Column('contract_id', sa.Integer(), nullable=True),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('sha256', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('at', db.Instant(), nullable=False),
    sa.Column('address', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('signed_in', sa.Integer(), server_default='0', nullable=False),
    sa.Column('representative_id', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['contract_id'], ['contract.id'], name=op.f('fk_acceptance_contract_id')),
    sa.ForeignKeyConstraint(['representative_id'], ['representative.id'], name=op.f('fk_acceptance_representative_id')),
    sa.ForeignKeyConstraint(['subscriber_id'], ['subscriber.id'], name=op.f('fk_acceptance_subscriber_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_acceptance'))
    )
    with op.batch_alter_table('acceptance', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_acceptance_subscriber_id'), ['subscriber_id'], unique=False)

    op.create_table('correction',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('contract_id', sa.Integer(), nullable=False),
    sa.Column('amount', sa.Integer(), nullable=False),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('asked_by', sa.Integer(), nullable=False),
    sa.Column('asked_at', db.Instant(), nullable=False),
    sa.Column('decided_by', sa.Integer(), nullable=True),
    sa.Column('decided_at', db.Instant(), nullable=True),
    sa.ForeignKeyConstraint(['asked_by'], ['staff.id'], name=op.f('fk_correction_asked_by')),
    sa.ForeignKeyConstraint(['contract_id'], ['contract.id'], name=op.f('fk_correction_contract_id')),
    sa.ForeignKeyConstraint(['decided_by'], ['staff.id'], name=op.f('fk_correction_decided_by')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_correction'))
    )
    with op.batch_alter_table('correction', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_correction_contract_id'), ['contract_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_correction_state'), ['state'], unique=False)

    op.create_table('debt',
    sa.Column('contract_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('debt', sa.Integer(), nullable=False),
    sa.Column('fee', sa.Integer(), nullable=False),
    sa.Column('paid_on', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['contract_id'], ['contract.id'], name=op.f('fk_debt_contract_id')),
    sa.PrimaryKeyConstraint('contract_id', name=op.f('pk_debt'))
    )
    with op.batch_alter_table('debt', schema=None) as batch_op:
        batch_op.create_index('ix_debt_debt_contract_id', ['debt', 'contract_id'], unique=False)

    op.create_table('device_token',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('subscriber_id', sa.Integer(), nullable=True),
    sa.Column('representative_id', sa.Integer(), nullable=True),
    sa.Column('staff_id', sa.Integer(), nullable=True),
    sa.Column('session_hash', sa.LargeBinary(), nullable=False),
    sa.Column('seen_at', db.Instant(), nullable=False),
    sa.ForeignKeyConstraint(['representative_id'], ['representative.id'], name=op.f('fk_device_token_representative_id')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_device_token_staff_id')),
    sa.ForeignKeyConstraint(['subscriber_id'], ['subscriber.id'], name=op.f('fk_device_token_subscriber_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_device_token')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('device_token', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_device_token_representative_id'), ['representative_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_device_token_staff_id'), ['staff_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_device_token_subscriber_id'), ['subscriber_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_device_token_token_hash'), ['token_hash'], unique=False)

    op.create_table('export',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('subscriber_id', sa.Integer(), nullable=False),
    sa.Column('contract_id', sa.Integer(), nullable=False),
    sa.Column('asked_at', db.Instant(), nullable=False),
    sa.Column('taken_at', db.Instant(), nullable=True),
    sa.Column('made_at', db.Instant(), nullable=True),
    sa.Column('gone_at', db.Instant(), nullable=True),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('pieces', sa.Integer(), nullable=False),
    sa.Column('key_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.ForeignKeyConstraint(['contract_id'], ['contract.id'], name=op.f('fk_export_contract_id')),
    sa.ForeignKeyConstraint(['subscriber_id'], ['subscriber.id'], name=op.f('fk_export_subscriber_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_export'))
    )
    with op.batch_alter_table('export', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_export_subscriber_id'), ['subscriber_id'], unique=False)

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
    with op.batch_alter_table('former_owner', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_former_owner_contract_id'), ['contract_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_former_owner_subscriber_id'), ['subscriber_id'], unique=False)

    op.create_table('key_try',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('contract_id', sa.Integer(), nullable=False),
    sa.Column('number', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('outcome', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('at', db.Instant(), nullable=False),
    sa.ForeignKeyConstraint(['contract_id'], ['contract.id'], name=op.f('fk_key_try_contract_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_key_try'))
    )
    with op.batch_alter_table('key_try', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_key_try_at'), ['at'], unique=False)
        batch_op.create_index(batch_op.f('ix_key_try_contract_id'), ['contract_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_key_try_number'), ['number'], unique=False)

    op.create_table('ledger_entry',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('contract_id', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('at', db.Instant(), nullable=False),
    sa.Column('amount', sa.Integer(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('source', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('note', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.ForeignKeyConstraint(['contract_id'], ['contract.id'], name=op.f('fk_ledger_entry_contract_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_ledger_entry')),
    sa.UniqueConstraint('source', name=op.f('uq_ledger_entry_source'))
    )
    with op.batch_alter_table('ledger_entry', schema=None) as batch_op:
        batch_op.create_index('ix_ledger_entry_contract_id_day_amount', ['contract_id', 'day', 'amount'], unique=False)
        batch_op.create_index('ix_ledger_entry_opening', ['contract_id', 'day'], unique=False, sqlite_where=sa.text("kind = 'opening'"), postgresql_where=sa.text("kind = 'opening'"))

    op.create_table('notice_contract',
    sa.Column('notice_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('contract_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.ForeignKeyConstraint(['contract_id'], ['contract.id'], name=op.f('fk_notice_contract_contract_id')),
    sa.ForeignKeyConstraint(['notice_id'], ['notice.id'], name=op.f('fk_notice_contract_notice_id')),
    sa.PrimaryKeyConstraint('notice_id', 'contract_id', name=op.f('pk_notice_contract')),
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('notice_contract', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_notice_contract_contract_id'), ['contract_id'], unique=False)

    op.create_table('notice_read',
    sa.Column('notice_id', sa.Integer(), nullable=False),
    sa.Column('actor', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('at', db.Instant(), nullable=False),
    sa.ForeignKeyConstraint(['notice_id'], ['notice.id'], name=op.f('fk_notice_read_notice_id')),
    sa.PrimaryKeyConstraint('notice_id', 'actor', name=op.f('pk_notice_read'))
    )
    op.create_table('outbox',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('channel', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('to', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('subject', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('text', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('secret', sa.Integer(), server_default='0', nullable=False),
    sa.Column('sealed', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('contract_id', sa.Integer(), nullable=True),
    sa.Column('urgent', sa.Integer(), nullable=False),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('put_at', db.Instant(), nullable=False),
    sa.Column('not_before', db.Instant(), nullable=False),
    sa.Column('sent_at', db.Instant(), nullable=True),
    sa.Column('gateway_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('delivered_at', db.Instant(), nullable=True),
    sa.Column('error', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.ForeignKeyConstraint(['contract_id'], ['contract.id'], name=op.f('fk_outbox_contract_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('outbox', schema=None) as batch_op:
        batch_op.create_index('ix_outbox_clear', ['id'], unique=False, sqlite_where=sa.text("secret = 0 AND kind IN ('code', 'password', 'confirm-email')"), postgresql_where=sa.text("secret = 0 AND kind IN ('code', 'password', 'confirm-email')"))
        batch_op.create_index(batch_op.f('ix_outbox_contract_id'), ['contract_id'], unique=False)
        batch_op.create_index('ix_outbox_gateway_id', ['gateway_id'], unique=False, sqlite_where=sa.text('gateway_id IS NOT NULL'), postgresql_where=sa.text('gateway_id IS NOT NULL'))
        batch_op.create_index('ix_outbox_waiting', ['urgent', 'id'], unique=False, sqlite_where=sa.text("state = 'waiting'"), postgresql_where=sa.text("state = 'waiting'"))

    op.create_table('payment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('contract_id', sa.Integer(), nullable=False),
    sa.Column('order', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('payee', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('amount', sa.Integer(), nullable=False),
    sa.Column('method', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('contact', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('purpose', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('fields', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('template_id', sa.Integer(), nullable=True),
    sa.Column('save_card', sa.Boolean(), nullable=False),
    sa.Column('token', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('card', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('key', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('bank_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('page', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('created_at', db.Instant(), nullable=False),
    sa.Column('sent_at', db.Instant(), nullable=True),
    sa.Column('ask_at', db.Instant(), nullable=True),
    sa.Column('paid_at', db.Instant(), nullable=True),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('refunded', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['contract_id'], ['contract.id'], name=op.f('fk_payment_contract_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payment')),
    sa.UniqueConstraint('bank_id', name=op.f('uq_payment_bank_id')),
    sa.UniqueConstraint('order', name=op.f('uq_payment_order'))
    )
    with op.batch_alter_table('payment', schema=None) as batch_op:
        batch_op.create_index('ix_payment_ask_at', ['ask_at'], unique=False, sqlite_where=sa.text('ask_at IS NOT NULL'), postgresql_where=sa.text('ask_at IS NOT NULL'))
        batch_op.create_index('ix_payment_clear', ['id'], unique=False, sqlite_where=sa.text('token IS NOT NULL'), postgresql_where=sa.text('token IS NOT NULL'))
        batch_op.create_index('ix_payment_contract_id_id', ['contract_id', 'id'], unique=False)

    op.create_table('payment_template',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('contract_id', sa.Integer(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('payer', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('branch', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('account', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('address', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('first', sa.Date(), nullable=False),
    sa.Column('last', sa.Date(), nullable=False),
    sa.Column('purpose', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('last_amount', sa.Integer(), nullable=True),
    sa.Column('changed_at', db.Instant(), nullable=False),
    sa.ForeignKeyConstraint(['contract_id'], ['contract.id'], name=op.f('fk_payment_template_contract_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_payment_template')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('payment_template', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_payment_template_contract_id'), ['contract_id'], unique=False)

    op.create_table('quiet_hours',
    sa.Column('contract_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('since', sa.Integer(), nullable=False),
    sa.Column('until', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['contract_id'], ['contract.id'], name=op.f('fk_quiet_hours_contract_id')),
    sa.PrimaryKeyConstraint('contract_id', name=op.f('pk_quiet_hours'))
    )
    op.create_table('receipt',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('contract_id', sa.Integer(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('source', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('contact', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('amount', sa.Integer(), nullable=False),
    sa.Column('lines', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('bank_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('put_at', db.Instant(), nullable=False),
    sa.Column('first_try_at', db.Instant(), nullable=True),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('next_at', db.Instant(), nullable=True),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('series', sa.Integer(), nullable=False),
    sa.Column('key_seed', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('error', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('register_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('document', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('storage', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('sign', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('registered_at', db.Instant(), nullable=True),
    sa.ForeignKeyConstraint(['contract_id'], ['contract.id'], name=op.f('fk_receipt_contract_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_receipt')),
    sa.UniqueConstraint('source', name=op.f('uq_receipt_source'))
    )
    with op.batch_alter_table('receipt', schema=None) as batch_op:
        batch_op.create_index('ix_receipt_contract_id_put_at', ['contract_id', 'put_at'], unique=False)
        batch_op.create_index('ix_receipt_next_at', ['next_at'], unique=False, sqlite_where=sa.text('next_at IS NOT NULL'), postgresql_where=sa.text('next_at IS NOT NULL'))

    op.create_table('request_draft',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('subscriber_id', sa.Integer(), nullable=False),
    sa.Column('contract_id', sa.Integer(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('form', sa.JSON(), nullable=False),
    sa.Column('at', db.Instant(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=True),
    sa.ForeignKeyConstraint(['contract_id'], ['contract.id'], name=op.f('fk_request_draft_contract_id')),
    sa.ForeignKeyConstraint(['subscriber_id'], ['subscriber.id'], name=op.f('fk_request_draft_subscriber_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_request_draft')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('request_draft', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_request_draft_at'), ['at'], unique=False)
        batch_op.create_index(batch_op.f('ix_request_draft_subscriber_id'), ['subscriber_id'], unique=False)

    op.create_table('service',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('contract_id', sa.Integer(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('tariff', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('mobile', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.ForeignKeyConstraint(['contract_id'], ['contract.id'], name=op.f('fk_service_contract_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_service')),
    sa.UniqueConstraint('contract_id', 'kind', name=op.f('uq_service_contract_id_kind'))
    )
    with op.batch_alter_table('service', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_service_contract_id'), ['contract_id'], unique=False)

    op.create_table('session',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('token_hash', sa.LargeBinary(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('subscriber_id', sa.Integer(), nullable=True),
    sa.Column('staff_id', sa.Integer(), nullable=True),
    sa.Column('representative_id', sa.Integer(), nullable=True),
    sa.Column('contract_id', sa.Integer(), nullable=True),
    sa.Column('stage', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('created_at', db.Instant(), nullable=False),
    sa.Column('seen_at', db.Instant(), nullable=False),
    sa.Column('confirmed_at', db.Instant(), nullable=True),
    sa.Column('device', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('address', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.ForeignKeyConstraint(['contract_id'], ['contract.id'], name=op.f('fk_session_contract_id')),
    sa.ForeignKeyConstraint(['representative_id'], ['representative.id'], name=op.f('fk_session_representative_id')),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_session_staff_id')),
    sa.ForeignKeyConstraint(['subscriber_id'], ['subscriber.id'], name=op.f('fk_session_subscriber_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_session')),
    sa.UniqueConstraint('token_hash', name=op.f('uq_session_token_hash')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('session', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_session_representative_id'), ['representative_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_session_staff_id'), ['staff_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_session_subscriber_id'), ['subscriber_id'], unique=False)

    op.create_table('site',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('contract_id', sa.Integer(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('address', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.ForeignKeyConstraint(['contract_id'], ['contract.id'], name=op.f('fk_site_contract_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_site'))
    )
    with op.batch_alter_table('site', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_site_contract_id'), ['contract_id'], unique=False)

    op.create_table('watch',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('contract_id', sa.Integer(), nullable=False),
    sa.Column('place', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('minute', sa.Integer(), nullable=False),
    sa.Column('weekdays', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('channel', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('made_at', db.Instant(), nullable=False),
    sa.Column('settled_on', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['contract_id'], ['contract.id'], name=op.f('fk_watch_contract_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_watch')),
    sa.UniqueConstraint('contract_id', 'place', 'kind', 'minute', 'weekdays', name=op.f('uq_watch_contract_id_place_kind_minute_weekdays')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('watch', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_watch_contract_id'), ['contract_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_watch_minute'), ['minute'], unique=False)

    op.create_table('autopay',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('contract_id', sa.Integer(), nullable=False),
    sa.Column('mode', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('cap', sa.Integer(), nullable=False),
    sa.Column('day', sa.Integer(), nullable=True),
    sa.Column('below', sa.Integer(), nullable=True),
    sa.Column('top_up', sa.Integer(), nullable=True),
    sa.Column('contact', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('acceptance_id', sa.Integer(), nullable=False),
    sa.Column('payment_id', sa.Integer(), nullable=True),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('token', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('token_sealed', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('card', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('asked_at', db.Instant(), nullable=False),
    sa.Column('on_at', db.Instant(), nullable=True),
    sa.Column('off_at', db.Instant(), nullable=True),
    sa.Column('off_why', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.ForeignKeyConstraint(['acceptance_id'], ['acceptance.id'], name=op.f('fk_autopay_acceptance_id')),
    sa.ForeignKeyConstraint(['contract_id'], ['contract.id'], name=op.f('fk_autopay_contract_id')),
    sa.ForeignKeyConstraint(['payment_id'], ['payment.id'], name=op.f('fk_autopay_payment_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_autopay'))
    )
    with op.batch_alter_table('autopay', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_autopay_contract_id'), ['contract_id'], unique=False)
        batch_op.create_index('uq_autopay_on', ['contract_id'], unique=True, sqlite_where=sa.text("state = 'on'"), postgresql_where=sa.text("state = 'on'"))

    op.create_table('bank_call',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', db.Instant(), nullable=False),
    sa.Column('address', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('body', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('body_sealed', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('bank_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('payment_id', sa.Integer(), nullable=True),
    sa.Column('outcome', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.ForeignKeyConstraint(['payment_id'], ['payment.id'], name=op.f('fk_bank_call_payment_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bank_call'))
    )
    with op.batch_alter_table('bank_call', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_bank_call_at'), ['at'], unique=False)
        batch_op.create_index(batch_op.f('ix_bank_call_bank_id'), ['bank_id'], unique=False)
        batch_op.create_index('ix_bank_call_clear', ['id'], unique=False, sqlite_where=sa.text("body <> ''"), postgresql_where=sa.text("body <> ''"))
        batch_op.create_index(batch_op.f('ix_bank_call_payment_id'), ['payment_id'], unique=False)

    op.create_table('code',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('purpose', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('bound_to', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('session_id', sa.Integer(), nullable=True),
    sa.Column('subscriber_id', sa.Integer(), nullable=True),
    sa.Column('contract_id', sa.Integer(), nullable=True),
    sa.Column('about', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('digest', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('made_at', db.Instant(), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('used_at', db.Instant(), nullable=True),
    sa.ForeignKeyConstraint(['contract_id'], ['contract.id'], name=op.f('fk_code_contract_id')),
    sa.ForeignKeyConstraint(['session_id'], ['session.id'], name=op.f('fk_code_session_id'), ondelete='CASCADE'),
    sa.ForeignKeyConstraint(['subscriber_id'], ['subscriber.id'], name=op.f('fk_code_subscriber_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_code')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('code', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_code_bound_to'), ['bound_to'], unique=False)
        batch_op.create_index(batch_op.f('ix_code_session_id'), ['session_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_code_subscriber_id'), ['subscriber_id'], unique=False)

    op.create_table('delivery',
    sa.Column('service_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('key_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('at', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('event_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('message_id', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['message_id'], ['outbox.id'], name=op.f('fk_delivery_message_id')),
    sa.ForeignKeyConstraint(['service_id'], ['service.id'], name=op.f('fk_delivery_service_id')),
    sa.PrimaryKeyConstraint('service_id', 'key_id', 'at', 'event_id', name=op.f('pk_delivery')),
    sqlite_with_rowid=False
    )
    with op.batch_alter_table('delivery', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_delivery_message_id'), ['message_id'], unique=False)

    op.create_table('discrepancy',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', db.Instant(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('bank_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('payment_id', sa.Integer(), nullable=True),
    sa.Column('expected', sa.Integer(), nullable=True),
    sa.Column('said', sa.Integer(), nullable=False),
    sa.Column('currency', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('order', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('settled_at', db.Instant(), nullable=True),
    sa.Column('settled_by', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('note', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.ForeignKeyConstraint(['payment_id'], ['payment.id'], name=op.f('fk_discrepancy_payment_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_discrepancy')),
    sa.UniqueConstraint('bank_id', 'kind', name=op.f('uq_discrepancy_bank_id_kind'))
    )
    with op.batch_alter_table('discrepancy', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_discrepancy_payment_id'), ['payment_id'], unique=False)

    op.create_table('export_piece',
    sa.Column('export_id', sa.Integer(), nullable=False),
    sa.Column('n', sa.Integer(), nullable=False),
    sa.Column('data', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['export_id'], ['export.id'], name=op.f('fk_export_piece_export_id')),
    sa.PrimaryKeyConstraint('export_id', 'n', name=op.f('pk_export_piece'))
    )
    op.create_table('key',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('contract_id', sa.Integer(), nullable=False),
    sa.Column('site_id', sa.Integer(), nullable=True),
    sa.Column('source', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('held_since', db.Instant(), nullable=True),
    sa.ForeignKeyConstraint(['contract_id'], ['contract.id'], name=op.f('fk_key_contract_id')),
    sa.ForeignKeyConstraint(['site_id'], ['site.id'], name=op.f('fk_key_site_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_key')),
    sa.UniqueConstraint('number', name=op.f('uq_key_number'))
    )
    with op.batch_alter_table('key', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_key_contract_id'), ['contract_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_key_site_id'), ['site_id'], unique=False)

    op.create_table('key_challenge',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('try_id', sa.Integer(), nullable=False),
    sa.Column('sequence', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('started_at', db.Instant(), nullable=False),
    sa.ForeignKeyConstraint(['try_id'], ['key_try.id'], name=op.f('fk_key_challenge_try_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_key_challenge'))
    )
    with op.batch_alter_table('key_challenge', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_key_challenge_try_id'), ['try_id'], unique=False)

    op.create_table('key_decision',
    sa.Column('try_id', sa.Integer(), nullable=False),
    sa.Column('granted', sa.Boolean(), nullable=False),
    sa.Column('actor', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('at', db.Instant(), nullable=False),
    sa.ForeignKeyConstraint(['try_id'], ['key_try.id'], name=op.f('fk_key_decision_try_id')),
    sa.PrimaryKeyConstraint('try_id', name=op.f('pk_key_decision'))
    )
    op.create_table('request',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('contract_id', sa.Integer(), nullable=False),
    sa.Column('subscriber_id', sa.Integer(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('payload', sa.JSON(), nullable=False),
    sa.Column('fingerprint', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('effective_day', sa.Date(), nullable=True),
    sa.Column('early', sa.Integer(), nullable=False),
    sa.Column('override', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('acceptance_id', sa.Integer(), nullable=True),
    sa.Column('sent_at', db.Instant(), nullable=False),
    sa.Column('answer_by', db.Instant(), nullable=False),
    sa.Column('answered_at', db.Instant(), nullable=True),
    sa.Column('decided_at', db.Instant(), nullable=True),
    sa.Column('carried_at', db.Instant(), nullable=True),
    sa.Column('closed_at', db.Instant(), nullable=True),
    sa.Column('moved_at', db.Instant(), nullable=False),
    sa.Column('assignee_id', sa.Integer(), nullable=True),
    sa.Column('unread', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['acceptance_id'], ['acceptance.id'], name=op.f('fk_request_acceptance_id')),
    sa.ForeignKeyConstraint(['assignee_id'], ['staff.id'], name=op.f('fk_request_assignee_id')),
    sa.ForeignKeyConstraint(['contract_id'], ['contract.id'], name=op.f('fk_request_contract_id')),
    sa.ForeignKeyConstraint(['subscriber_id'], ['subscriber.id'], name=op.f('fk_request_subscriber_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_request')),
    sa.UniqueConstraint('number', name=op.f('uq_request_number'))
    )
    with op.batch_alter_table('request', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_request_assignee_id'), ['assignee_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_request_contract_id'), ['contract_id'], unique=False)
        batch_op.create_index('ix_request_due', ['effective_day'], unique=False, sqlite_where=sa.text("state = 'approved'"), postgresql_where=sa.text("state = 'approved'"))
        batch_op.create_index('ix_request_state_answer_by', ['state', 'answer_by'], unique=False)
        batch_op.create_index(batch_op.f('ix_request_subscriber_id'), ['subscriber_id'], unique=False)
        batch_op.create_index('ix_request_unread', ['contract_id'], unique=False, sqlite_where=sa.text('unread = 1'), postgresql_where=sa.text('unread = 1'))
        batch_op.create_index('ix_request_waits', ['contract_id', 'state', 'effective_day', 'number'], unique=False)
        batch_op.create_index('uq_request_same_open', ['contract_id', 'fingerprint'], unique=True, sqlite_where=sa.text("state IN ('new', 'work', 'needs_info', 'approved')"), postgresql_where=sa.text("state IN ('new', 'work', 'needs_info', 'approved')"))

    op.create_table('service_interval',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('service_id', sa.Integer(), nullable=False),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('first', sa.Date(), nullable=False),
    sa.Column('last', sa.Date(), nullable=True),
    sa.ForeignKeyConstraint(['service_id'], ['service.id'], name=op.f('fk_service_interval_service_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_service_interval'))
    )
    with op.batch_alter_table('service_interval', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_service_interval_service_id'), ['service_id'], unique=False)

    op.create_table('service_price',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('service_id', sa.Integer(), nullable=False),
    sa.Column('since', sa.Date(), nullable=False),
    sa.Column('kopecks', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['service_id'], ['service.id'], name=op.f('fk_service_price_service_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_service_price')),
    sa.UniqueConstraint('service_id', 'since', name=op.f('uq_service_price_service_id_since'))
    )
    with op.batch_alter_table('service_price', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_service_price_service_id'), ['service_id'], unique=False)

    op.create_table('watch_warned',
    sa.Column('watch_id', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('at', db.Instant(), nullable=False),
    sa.ForeignKeyConstraint(['watch_id'], ['watch.id'], name=op.f('fk_watch_warned_watch_id'), ondelete='CASCADE'),
    sa.PrimaryKeyConstraint('watch_id', 'day', name=op.f('pk_watch_warned'))
    )
    op.create_table('added_key',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key_id', sa.Integer(), nullable=False),
    sa.Column('contract_id', sa.Integer(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('how', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('added_at', db.Instant(), nullable=False),
    sa.ForeignKeyConstraint(['contract_id'], ['contract.id'], name=op.f('fk_added_key_contract_id')),
    sa.ForeignKeyConstraint(['key_id'], ['key.id'], name=op.f('fk_added_key_key_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_added_key')),
    sa.UniqueConstraint('key_id', name=op.f('uq_added_key_key_id')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('added_key', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_added_key_contract_id'), ['contract_id'], unique=False)

    op.create_table('alarm_note',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key_id', sa.Integer(), nullable=False),
    sa.Column('at_event', sa.Integer(), nullable=False),
    sa.Column('event_id', sa.Integer(), nullable=False),
    sa.Column('contract_id', sa.Integer(), nullable=False),
    sa.Column('author', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('text', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('at', db.Instant(), nullable=False),
    sa.ForeignKeyConstraint(['contract_id'], ['contract.id'], name=op.f('fk_alarm_note_contract_id')),
    sa.ForeignKeyConstraint(['key_id'], ['key.id'], name=op.f('fk_alarm_note_key_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_alarm_note'))
    )
    with op.batch_alter_table('alarm_note', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_alarm_note_contract_id'), ['contract_id'], unique=False)
        batch_op.create_index('ix_alarm_note_place', ['key_id', 'at_event', 'event_id'], unique=False)

    op.create_table('autopay_due',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('autopay_id', sa.Integer(), nullable=False),
    sa.Column('contract_id', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('charge_on', sa.Date(), nullable=False),
    sa.Column('amount', sa.Integer(), nullable=False),
    sa.Column('noticed_at', db.Instant(), nullable=False),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('failures', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['autopay_id'], ['autopay.id'], name=op.f('fk_autopay_due_autopay_id')),
    sa.ForeignKeyConstraint(['contract_id'], ['contract.id'], name=op.f('fk_autopay_due_contract_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_autopay_due')),
    sa.UniqueConstraint('contract_id', 'day', name=op.f('uq_autopay_due_contract_id_day'))
    )
    with op.batch_alter_table('autopay_due', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_autopay_due_autopay_id'), ['autopay_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_autopay_due_state'), ['state'], unique=False)

    op.create_table('event',
    sa.Column('key_id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('at', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('id', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('kind', sa.Integer(), nullable=False),
    sa.Column('code', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('who', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('part', sa.Integer(), nullable=False),
    sa.Column('source_id', sa.Integer(), nullable=False),
    sa.Column('late', sa.Integer(), nullable=False),
    sa.Column('raw', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.ForeignKeyConstraint(['key_id'], ['key.id'], name=op.f('fk_event_key_id')),
    sa.PrimaryKeyConstraint('key_id', 'at', 'id', name=op.f('pk_event')),
    postgresql_partition_by='RANGE (at)',
    sqlite_with_rowid=False
    )
    op.create_table('key_name',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('key_id', sa.Integer(), nullable=False),
    sa.Column('contract_id', sa.Integer(), nullable=False),
    sa.Column('what', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('number', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.ForeignKeyConstraint(['contract_id'], ['contract.id'], name=op.f('fk_key_name_contract_id')),
    sa.ForeignKeyConstraint(['key_id'], ['key.id'], name=op.f('fk_key_name_key_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_key_name')),
    sa.UniqueConstraint('key_id', 'contract_id', 'what', 'number', name=op.f('uq_key_name_key_id_contract_id_what_number'))
    )
    with op.batch_alter_table('key_name', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_key_name_contract_id'), ['contract_id'], unique=False)

    op.create_table('refund',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('request_id', sa.Integer(), nullable=False),
    sa.Column('contract_id', sa.Integer(), nullable=False),
    sa.Column('amount', sa.Integer(), nullable=False),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('by', sa.Integer(), nullable=False),
    sa.Column('at', db.Instant(), nullable=False),
    sa.Column('document', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('payment_bank_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('key', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('series', sa.Integer(), nullable=False, server_default='0'),
    sa.Column('bank_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('next_at', db.Instant(), nullable=True),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('error', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('paid_at', db.Instant(), nullable=True),
    sa.ForeignKeyConstraint(['by'], ['staff.id'], name=op.f('fk_refund_by')),
    sa.ForeignKeyConstraint(['contract_id'], ['contract.id'], name=op.f('fk_refund_contract_id')),
    sa.ForeignKeyConstraint(['request_id'], ['request.id'], name=op.f('fk_refund_request_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_refund')),
    sa.UniqueConstraint('request_id', name=op.f('uq_refund_request_id'))
    )
    with op.batch_alter_table('refund', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_refund_contract_id'), ['contract_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_refund_next_at'), ['next_at'], unique=False)

    op.create_table('request_message',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('request_id', sa.Integer(), nullable=False),
    sa.Column('at', db.Instant(), nullable=False),
    sa.Column('actor', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('text', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('internal', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['request_id'], ['request.id'], name=op.f('fk_request_message_request_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_request_message'))
    )
    with op.batch_alter_table('request_message', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_request_message_request_id'), ['request_id'], unique=False)

    op.create_table('request_step',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('request_id', sa.Integer(), nullable=False),
    sa.Column('at', db.Instant(), nullable=False),
    sa.Column('actor', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('verb', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('state', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('words', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('internal', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['request_id'], ['request.id'], name=op.f('fk_request_step_request_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_request_step'))
    )
    with op.batch_alter_table('request_step', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_request_step_request_id'), ['request_id'], unique=False)

    op.create_table('attachment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('subscriber_id', sa.Integer(), nullable=True),
    sa.Column('draft_id', sa.Integer(), nullable=True),
    sa.Column('request_id', sa.Integer(), nullable=True),
    sa.Column('message_id', sa.Integer(), nullable=True),
    sa.Column('name', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('type', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('size', sa.Integer(), nullable=False),
    sa.Column('sha256', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('seal', sa.LargeBinary(), nullable=False),
    sa.Column('key_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('pieces', sa.Integer(), nullable=False),
    sa.Column('personal', sa.Integer(), nullable=False),
    sa.Column('redrawn', sa.Integer(), server_default='0', nullable=False),
    sa.Column('at', db.Instant(), nullable=False),
    sa.Column('erased_at', db.Instant(), nullable=True),
    sa.ForeignKeyConstraint(['draft_id'], ['request_draft.id'], name=op.f('fk_attachment_draft_id')),
    sa.ForeignKeyConstraint(['message_id'], ['request_message.id'], name=op.f('fk_attachment_message_id')),
    sa.ForeignKeyConstraint(['request_id'], ['request.id'], name=op.f('fk_attachment_request_id')),
    sa.ForeignKeyConstraint(['subscriber_id'], ['subscriber.id'], name=op.f('fk_attachment_subscriber_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attachment')),
    sqlite_autoincrement=True
    )
    with op.batch_alter_table('attachment', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_attachment_draft_id'), ['draft_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_attachment_key_id'), ['key_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_attachment_message_id'), ['message_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_attachment_redrawn'), ['redrawn'], unique=False)
        batch_op.create_index(batch_op.f('ix_attachment_request_id'), ['request_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_attachment_subscriber_id'), ['subscriber_id'], unique=False)

    op.create_table('autopay_try',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('due_id', sa.Integer(), nullable=False),
    sa.Column('contract_id', sa.Integer(), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('payment_id', sa.Integer(), nullable=False),
    sa.Column('at', db.Instant(), nullable=False),
    sa.ForeignKeyConstraint(['contract_id'], ['contract.id'], name=op.f('fk_autopay_try_contract_id')),
    sa.ForeignKeyConstraint(['due_id'], ['autopay_due.id'], name=op.f('fk_autopay_try_due_id')),
    sa.ForeignKeyConstraint(['payment_id'], ['payment.id'], name=op.f('fk_autopay_try_payment_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_autopay_try')),
    sa.UniqueConstraint('contract_id', 'day', 'number', name=op.f('uq_autopay_try_contract_id_day_number')),
    sa.UniqueConstraint('payment_id', name=op.f('uq_autopay_try_payment_id'))
    )
    with op.batch_alter_table('autopay_try', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_autopay_try_due_id'), ['due_id'], unique=False)

    op.create_table('attachment_piece',
    sa.Column('attachment_id', sa.Integer(), nullable=False),
    sa.Column('n', sa.Integer(), nullable=False),
    sa.Column('data', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['attachment_id'], ['attachment.id'], name=op.f('fk_attachment_piece_attachment_id')),
    sa.PrimaryKeyConstraint('attachment_id', 'n', name=op.f('pk_attachment_piece'))
    )

    for statement in _beyond_the_models(op.get_bind()):
        op.execute(statement)
    # No secret ever lay in a new file in clear: there is nothing to clean.
    now = round(datetime.now(UTC).timestamp() * 1000)
    op.execute(sa.text('INSERT INTO secrets_cleaned (at) VALUES (:now)').bindparams(now=now))


def _beyond_the_models(connection: sa.Connection) -> list[str]:
    """Triggers, partitions and the search index."""
    engine = engines.dialect_of(connection)
    # Retention may forget what is older than three years; nothing younger leaves the journal.
    years = 3 * 365
    return [
        *engine.append_only('ledger_entry'),
        *engine.append_only('journal', days=years),
        *engine.append_only('journal_subject', days=years),
        *engine.no_replace('ledger_entry', 'id', 'source'),
        *engine.no_replace('journal', 'id'),
        *engine.partition_statements(),
        *search.install_statements(connection),
    ]


def downgrade() -> None:
    raise NotImplementedError("go back by restoring the backup taken before the upgrade")
