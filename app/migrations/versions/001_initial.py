"""The first tables."""

import sqlalchemy as sa
from alembic import op

from app.audit.tables import FIRST_HEAD, append_only, undo_append_only

revision = "001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("given_name", sa.String(length=120), nullable=True),
        sa.Column("family_name", sa.String(length=120), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
    )
    op.create_table(
        "audit_event",
        sa.Column("serial", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=64), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("previous_hash", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_audit_event")),
    )
    op.create_index(op.f("ix_audit_event_kind"), "audit_event", ["kind"], unique=False)

    op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_head_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.create_table(
        "hash_timing",
        sa.Column("format", sa.String(length=80), nullable=False),
        sa.Column("milliseconds", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("format", name=op.f("pk_hash_timing")),
    )
    op.create_table(
        "inbox",
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("to", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=True),
        sa.Column("link", sa.Text(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_inbox")),
        sa.UniqueConstraint("id", name=op.f("uq_inbox_id")),
    )
    op.create_index(op.f("ix_inbox_to"), "inbox", ["to"], unique=False)

    op.create_table(
        "installation_fact",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("value", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_installation_fact")),
    )
    op.create_table(
        "outbox",
        sa.Column("serial", sa.Integer(), nullable=False),
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reason", sa.String(length=32), nullable=True),
        sa.Column("next_attempt_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(body IS NULL) = (state IN ('sent', 'failed'))", name=op.f("ck_outbox_body_erased_at_end")),
        sa.CheckConstraint("state IN ('queued', 'claimed', 'sent', 'failed')", name=op.f("ck_outbox_state_known")),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_outbox")),
        sa.UniqueConstraint("id", name=op.f("uq_outbox_id")),
    )
    op.create_index("ix_outbox_state_next_attempt_at", "outbox", ["state", "next_attempt_at"], unique=False)

    op.create_table(
        "sign_in_attempt",
        sa.Column("state_hash", sa.String(length=64), nullable=False),
        sa.Column("browser_key", sa.String(length=64), nullable=False),
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column("intent", sa.String(length=16), nullable=False),
        sa.Column("sealed_secrets", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("state_hash", name=op.f("pk_sign_in_attempt")),
    )
    op.create_index(op.f("ix_sign_in_attempt_browser_key"), "sign_in_attempt", ["browser_key"], unique=False)
    op.create_index(op.f("ix_sign_in_attempt_expires_at"), "sign_in_attempt", ["expires_at"], unique=False)

    op.create_table(
        "throttle_counter",
        sa.Column("scope", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("before_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("scope", "subject", name=op.f("pk_throttle_counter")),
    )
    op.create_table(
        "identity",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column("issuer", sa.String(length=255), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_identity_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity")),
        sa.UniqueConstraint("issuer", "subject", name="uq_identity_issuer_subject"),
    )
    op.create_index(op.f("ix_identity_account_id"), "identity", ["account_id"], unique=False)

    op.create_table(
        "username",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("username", sa.String(length=120), nullable=False),
        sa.Column("folded", sa.String(length=120), nullable=False),
        sa.Column("password_hash", sa.String(length=512), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("entity_id", sa.String(length=64), nullable=True),
        sa.Column("role", sa.String(length=16), nullable=True),
        sa.Column("cohort", sa.String(length=64), nullable=True),
        sa.Column("last_sign_in", sa.DateTime(timezone=True), nullable=True),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rehashed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_username_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_username")),
        sa.UniqueConstraint("account_id", name=op.f("uq_username_account_id")),
        sa.UniqueConstraint("folded", name=op.f("uq_username_folded")),
    )
    op.create_table(
        "consent_receipt",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("identity_id", sa.String(length=36), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("wording", sa.String(length=16), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_consent_receipt_account_id_account")),
        sa.ForeignKeyConstraint(["identity_id"], ["identity.id"], name=op.f("fk_consent_receipt_identity_id_identity")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_receipt")),
    )
    op.create_index(op.f("ix_consent_receipt_account_id"), "consent_receipt", ["account_id"], unique=False)
    op.create_index(op.f("ix_consent_receipt_identity_id"), "consent_receipt", ["identity_id"], unique=False)

    op.create_table(
        "portal_session",
        sa.Column("via", sa.String(length=32), nullable=False),
        sa.Column("identity_id", sa.String(length=36), nullable=True),
        sa.Column("sealed_id_token", sa.LargeBinary(), nullable=True),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("assurance", sa.String(length=16), nullable=False),
        sa.Column("methods", sa.String(length=80), nullable=False),
        sa.Column("authenticated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_portal_session_account_id_account")),
        sa.ForeignKeyConstraint(["identity_id"], ["identity.id"], name=op.f("fk_portal_session_identity_id_identity")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_session")),
        sa.UniqueConstraint("key", name=op.f("uq_portal_session_key")),
    )
    op.create_index(op.f("ix_portal_session_account_id"), "portal_session", ["account_id"], unique=False)

    op.create_table(
        "arrival",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("browser_key", sa.String(length=64), nullable=False),
        sa.Column("state_hash", sa.String(length=64), nullable=False),
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column("sealed_claims", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finish_key", sa.String(length=64), nullable=True),
        sa.Column("session_id", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(
            ["session_id"], ["portal_session.id"], name=op.f("fk_arrival_session_id_portal_session")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_arrival")),
        sa.UniqueConstraint("state_hash", name=op.f("uq_arrival_state_hash")),
    )
    op.create_index(op.f("ix_arrival_browser_key"), "arrival", ["browser_key"], unique=False)
    op.create_index(op.f("ix_arrival_expires_at"), "arrival", ["expires_at"], unique=False)
    op.execute(FIRST_HEAD)
    for statement in append_only(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    for statement in undo_append_only(op.get_bind().dialect.name):
        op.execute(statement)
    op.drop_index(op.f("ix_arrival_expires_at"), "arrival")
    op.drop_index(op.f("ix_arrival_browser_key"), "arrival")

    op.drop_table("arrival")
    op.drop_index(op.f("ix_portal_session_account_id"), "portal_session")

    op.drop_table("portal_session")
    op.drop_index(op.f("ix_consent_receipt_identity_id"), "consent_receipt")
    op.drop_index(op.f("ix_consent_receipt_account_id"), "consent_receipt")

    op.drop_table("consent_receipt")
    op.drop_table("username")
    op.drop_index(op.f("ix_identity_account_id"), "identity")

    op.drop_table("identity")
    op.drop_table("throttle_counter")
    op.drop_index(op.f("ix_sign_in_attempt_expires_at"), "sign_in_attempt")
    op.drop_index(op.f("ix_sign_in_attempt_browser_key"), "sign_in_attempt")

    op.drop_table("sign_in_attempt")
    op.drop_index("ix_outbox_state_next_attempt_at", "outbox")

    op.drop_table("outbox")
    op.drop_table("installation_fact")
    op.drop_index(op.f("ix_inbox_to"), "inbox")

    op.drop_table("inbox")
    op.drop_table("hash_timing")
    op.drop_table("audit_head")
    op.drop_index(op.f("ix_audit_event_kind"), "audit_event")

    op.drop_table("audit_event")
    op.drop_table("account")
