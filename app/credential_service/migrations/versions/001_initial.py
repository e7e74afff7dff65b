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
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.Column("password_hash", sa.String(length=256), nullable=False),
        sa.Column("given_name", sa.String(length=120), nullable=True),
        sa.Column("family_name", sa.String(length=120), nullable=True),
        sa.Column("name_changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("subject", name=op.f("uq_account_subject")),
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
        "interaction",
        sa.Column("id", sa.String(length=43), nullable=False),
        sa.Column("browser_key", sa.String(length=64), nullable=False),
        sa.Column("client_id", sa.String(length=120), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=8), nullable=True),
        sa.Column("request_key", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interaction")),
    )
    op.create_index(op.f("ix_interaction_browser_key"), "interaction", ["browser_key"], unique=False)
    op.create_index(op.f("ix_interaction_expires_at"), "interaction", ["expires_at"], unique=False)

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
        "registration",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("browser_key", sa.String(length=64), nullable=False),
        sa.Column("began_key", sa.String(length=64), nullable=False),
        sa.Column("previous_key", sa.String(length=64), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("start_request_key", sa.String(length=64), nullable=False),
        sa.Column("sealed_email", sa.LargeBinary(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("password_hash", sa.String(length=256), nullable=True),
        sa.Column("sealed_phone", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_seed", sa.LargeBinary(), nullable=True),
        sa.Column("sealed_ceremony", sa.LargeBinary(), nullable=True),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_proof", sa.LargeBinary(), nullable=True),
        sa.Column("code_hash", sa.LargeBinary(), nullable=True),
        sa.Column("code_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("code_serial", sa.Integer(), nullable=False),
        sa.Column("code_channel", sa.String(length=8), nullable=True),
        sa.Column("code_message_id", sa.String(length=64), nullable=True),
        sa.Column("code_request_key", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registration")),
        sa.UniqueConstraint("browser_key", name=op.f("uq_registration_browser_key")),
    )
    op.create_index(op.f("ix_registration_began_key"), "registration", ["began_key"], unique=False)
    op.create_index(op.f("ix_registration_expires_at"), "registration", ["expires_at"], unique=False)
    op.create_index(op.f("ix_registration_previous_key"), "registration", ["previous_key"], unique=False)

    op.create_table(
        "signing_key",
        sa.Column("kid", sa.String(length=32), nullable=False),
        sa.Column("public_jwk", sa.JSON(), nullable=False),
        sa.Column("sealed_private", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("published_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("kid", name=op.f("pk_signing_key")),
    )
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
        "used_assertion",
        sa.Column("client_id", sa.String(length=120), nullable=False),
        sa.Column("jti_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("client_id", "jti_hash", name=op.f("pk_used_assertion")),
    )
    op.create_index(op.f("ix_used_assertion_expires_at"), "used_assertion", ["expires_at"], unique=False)

    op.create_table(
        "account_session",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("assurance", sa.String(length=16), nullable=False),
        sa.Column("methods", sa.String(length=80), nullable=False),
        sa.Column("authenticated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_account_session_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account_session")),
        sa.UniqueConstraint("key", name=op.f("uq_account_session_key")),
    )
    op.create_index(op.f("ix_account_session_account_id"), "account_session", ["account_id"], unique=False)

    op.create_table(
        "authenticator",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("channel", sa.String(length=8), nullable=True),
        sa.Column("label", sa.String(length=120), nullable=False),
        sa.Column("sealed_secret", sa.LargeBinary(), nullable=True),
        sa.Column("last_step", sa.Integer(), nullable=True),
        sa.Column("credential_id", sa.LargeBinary(), nullable=True),
        sa.Column("public_key", sa.LargeBinary(), nullable=True),
        sa.Column("sign_count", sa.Integer(), nullable=False),
        sa.Column("transports", sa.String(length=120), nullable=False),
        sa.Column("aaguid", sa.String(length=36), nullable=False),
        sa.Column("backup_eligible", sa.Boolean(), nullable=False),
        sa.Column("backed_up", sa.Boolean(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_authenticator_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authenticator")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_authenticator_credential_id")),
    )
    op.create_index(op.f("ix_authenticator_account_id"), "authenticator", ["account_id"], unique=False)

    op.create_table(
        "email_address",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("folded", sa.String(length=254), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_email_address_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_email_address")),
        sa.UniqueConstraint("folded", name=op.f("uq_email_address_folded")),
    )
    op.create_index(op.f("ix_email_address_account_id"), "email_address", ["account_id"], unique=False)

    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("code_hash", sa.LargeBinary(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_recovery_code_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
        sa.UniqueConstraint("account_id", "code_hash", name="uq_recovery_code_account_hash"),
    )
    op.create_index(op.f("ix_recovery_code_account_id"), "recovery_code", ["account_id"], unique=False)

    op.create_table(
        "sign_in",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("browser_key", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("start_request_key", sa.String(length=64), nullable=False),
        sa.Column("code_authenticator_id", sa.String(length=36), nullable=True),
        sa.Column("sealed_ceremony", sa.LargeBinary(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_proof", sa.LargeBinary(), nullable=True),
        sa.Column("session_id", sa.String(length=36), nullable=True),
        sa.Column("code_hash", sa.LargeBinary(), nullable=True),
        sa.Column("code_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("code_serial", sa.Integer(), nullable=False),
        sa.Column("code_channel", sa.String(length=8), nullable=True),
        sa.Column("code_message_id", sa.String(length=64), nullable=True),
        sa.Column("code_request_key", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_sign_in_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in")),
        sa.UniqueConstraint("browser_key", name=op.f("uq_sign_in_browser_key")),
    )
    op.create_index(op.f("ix_sign_in_account_id"), "sign_in", ["account_id"], unique=False)
    op.create_index(op.f("ix_sign_in_expires_at"), "sign_in", ["expires_at"], unique=False)

    op.create_table(
        "consent",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("client_id", sa.String(length=120), nullable=False),
        sa.Column("items", sa.String(length=120), nullable=False),
        sa.Column("email_id", sa.String(length=36), nullable=True),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_consent_account_id_account")),
        sa.ForeignKeyConstraint(["email_id"], ["email_address.id"], name=op.f("fk_consent_email_id_email_address")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index("ix_consent_account_client", "consent", ["account_id", "client_id"], unique=False)

    op.create_table(
        "authorization_code",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("code_hash", sa.String(length=64), nullable=False),
        sa.Column("sealed_code", sa.LargeBinary(), nullable=True),
        sa.Column("interaction_id", sa.String(length=43), nullable=True),
        sa.Column("client_id", sa.String(length=120), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("session_id", sa.String(length=36), nullable=False),
        sa.Column("consent_id", sa.String(length=36), nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("items", sa.String(length=120), nullable=False),
        sa.Column("nonce", sa.Text(), nullable=True),
        sa.Column("code_challenge", sa.String(length=128), nullable=False),
        sa.Column("acr", sa.String(length=120), nullable=False),
        sa.Column("amr", sa.String(length=80), nullable=False),
        sa.Column("authenticated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("silent", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("spent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_authorization_code_account_id_account")),
        sa.ForeignKeyConstraint(["consent_id"], ["consent.id"], name=op.f("fk_authorization_code_consent_id_consent")),
        sa.ForeignKeyConstraint(
            ["session_id"], ["account_session.id"], name=op.f("fk_authorization_code_session_id_account_session")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authorization_code")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_authorization_code_code_hash")),
    )
    op.create_index(op.f("ix_authorization_code_account_id"), "authorization_code", ["account_id"], unique=False)
    op.create_index(op.f("ix_authorization_code_consent_id"), "authorization_code", ["consent_id"], unique=False)
    op.create_index(op.f("ix_authorization_code_expires_at"), "authorization_code", ["expires_at"], unique=False)
    op.create_index(
        op.f("ix_authorization_code_interaction_id"), "authorization_code", ["interaction_id"], unique=False
    )
    op.create_index(
        "ix_authorization_code_session_client", "authorization_code", ["session_id", "client_id"], unique=False
    )

    op.create_table(
        "access_token",
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("code_id", sa.String(length=36), nullable=False),
        sa.Column("client_id", sa.String(length=120), nullable=False),
        sa.Column("account_id", sa.String(length=36), nullable=False),
        sa.Column("consent_id", sa.String(length=36), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("items", sa.String(length=120), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_access_token_account_id_account")),
        sa.ForeignKeyConstraint(
            ["code_id"], ["authorization_code.id"], name=op.f("fk_access_token_code_id_authorization_code")
        ),
        sa.ForeignKeyConstraint(["consent_id"], ["consent.id"], name=op.f("fk_access_token_consent_id_consent")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_access_token_token_hash")),
    )
    op.create_index(op.f("ix_access_token_code_id"), "access_token", ["code_id"], unique=False)
    op.create_index(op.f("ix_access_token_consent_id"), "access_token", ["consent_id"], unique=False)
    op.create_index(op.f("ix_access_token_expires_at"), "access_token", ["expires_at"], unique=False)
    op.execute(FIRST_HEAD)
    for statement in append_only(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    for statement in undo_append_only(op.get_bind().dialect.name):
        op.execute(statement)
    op.drop_index(op.f("ix_access_token_expires_at"), "access_token")
    op.drop_index(op.f("ix_access_token_consent_id"), "access_token")
    op.drop_index(op.f("ix_access_token_code_id"), "access_token")

    op.drop_table("access_token")
    op.drop_index("ix_authorization_code_session_client", "authorization_code")
    op.drop_index(op.f("ix_authorization_code_interaction_id"), "authorization_code")
    op.drop_index(op.f("ix_authorization_code_expires_at"), "authorization_code")
    op.drop_index(op.f("ix_authorization_code_consent_id"), "authorization_code")
    op.drop_index(op.f("ix_authorization_code_account_id"), "authorization_code")

    op.drop_table("authorization_code")
    op.drop_index("ix_consent_account_client", "consent")

    op.drop_table("consent")
    op.drop_index(op.f("ix_sign_in_expires_at"), "sign_in")
    op.drop_index(op.f("ix_sign_in_account_id"), "sign_in")

    op.drop_table("sign_in")
    op.drop_index(op.f("ix_recovery_code_account_id"), "recovery_code")

    op.drop_table("recovery_code")
    op.drop_index(op.f("ix_email_address_account_id"), "email_address")

    op.drop_table("email_address")
    op.drop_index(op.f("ix_authenticator_account_id"), "authenticator")

    op.drop_table("authenticator")
    op.drop_index(op.f("ix_account_session_account_id"), "account_session")

    op.drop_table("account_session")
    op.drop_index(op.f("ix_used_assertion_expires_at"), "used_assertion")

    op.drop_table("used_assertion")
    op.drop_table("throttle_counter")
    op.drop_table("signing_key")
    op.drop_index(op.f("ix_registration_previous_key"), "registration")
    op.drop_index(op.f("ix_registration_expires_at"), "registration")
    op.drop_index(op.f("ix_registration_began_key"), "registration")

    op.drop_table("registration")
    op.drop_index("ix_outbox_state_next_attempt_at", "outbox")

    op.drop_table("outbox")
    op.drop_index(op.f("ix_interaction_expires_at"), "interaction")
    op.drop_index(op.f("ix_interaction_browser_key"), "interaction")

    op.drop_table("interaction")
    op.drop_index(op.f("ix_inbox_to"), "inbox")

    op.drop_table("inbox")
    op.drop_table("audit_head")
    op.drop_index(op.f("ix_audit_event_kind"), "audit_event")

    op.drop_table("audit_event")
    op.drop_table("account")
