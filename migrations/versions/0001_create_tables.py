"""Create all tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attempt",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_attempt")),
    )
    op.create_index(op.f("ix_attempt_expires_at"), "attempt", ["expires_at"], unique=False)
    op.create_table(
        "content_version",
        sa.Column("place_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("stripe", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("place_id", "stripe", name=op.f("pk_content_version")),
    )
    op.create_table(
        "mail_count",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "outcome",
            sa.Enum(
                "sent",
                "put off",
                "expired",
                "no such address",
                "held back",
                "refused",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "outcome", name=op.f("pk_mail_count")),
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("plan", sa.String(length=40), nullable=False),
        sa.Column("annual_value", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=True),
        sa.Column("external_id", sa.String(length=128), nullable=True),
        sa.CheckConstraint("annual_value >= 0", name=op.f("ck_organisation_value")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("name", name=op.f("uq_organisation_name")),
        sa.UniqueConstraint("source", "external_id", name=op.f("uq_organisation_source_external_id")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("job", sa.String(length=64), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column(
            "available_at", sa.DateTime(timezone=True), server_default=sa.text("(CURRENT_TIMESTAMP)"), nullable=False
        ),
        sa.Column("key", sa.String(length=200), nullable=True),
        sa.Column("lane", sa.String(length=100), server_default="", nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "pending", "done", "dead", name="outboxstate", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_key")),
    )
    op.create_index(
        "ix_outbox_dead",
        "outbox",
        ["available_at", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'dead'"),
        postgresql_where=sa.text("state = 'dead'"),
    )
    op.create_index(
        "ix_outbox_done",
        "outbox",
        ["done_at"],
        unique=False,
        sqlite_where=sa.text("state = 'done'"),
        postgresql_where=sa.text("state = 'done'"),
    )
    op.create_index(
        "ix_outbox_due",
        "outbox",
        ["available_at", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'pending' AND lane = ''"),
        postgresql_where=sa.text("state = 'pending' AND lane = ''"),
    )
    op.create_index(
        "ix_outbox_lane",
        "outbox",
        ["lane", "available_at", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'pending' AND lane > ''"),
        postgresql_where=sa.text("state = 'pending' AND lane > ''"),
    )
    op.create_index(
        "uq_outbox_held_lane",
        "outbox",
        ["lane"],
        unique=True,
        sqlite_where=sa.text("held_until IS NOT NULL AND lane > ''"),
        postgresql_where=sa.text("held_until IS NOT NULL AND lane > ''"),
    )
    op.create_table(
        "periodic_slot",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("slot", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", "slot", name=op.f("pk_periodic_slot")),
    )
    op.create_index(op.f("ix_periodic_slot_slot"), "periodic_slot", ["slot"], unique=False)
    op.create_table(
        "provider",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("issuer", sa.String(length=300), nullable=False),
        sa.Column("client_id", sa.String(length=200), nullable=False),
        sa.Column("sealed_secret", sa.Text(), nullable=False),
        sa.Column("domains", sa.Text(), nullable=False),
        sa.Column("groups_claim", sa.String(length=60), nullable=False),
        sa.Column("groups", sa.Text(), nullable=False),
        sa.Column("staff_groups", sa.Text(), nullable=False),
        sa.Column("board_roles", sa.Text(), nullable=False),
        sa.Column("organisation_claim", sa.String(length=60), nullable=False),
        sa.Column("organisations", sa.Text(), nullable=False),
        sa.Column("creates_members", sa.Boolean(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider")),
        sa.UniqueConstraint("slug", name=op.f("uq_provider_slug")),
    )
    op.create_table(
        "segment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("description", sa.String(length=300), nullable=False),
        sa.Column(
            "combination",
            sa.Enum("all", "any", name="combination", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("member_count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_segment")),
        sa.UniqueConstraint("name", name=op.f("uq_segment_name")),
        sa.UniqueConstraint("slug", name=op.f("uq_segment_slug")),
    )
    op.create_table(
        "site",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("tagline", sa.String(length=200), nullable=False),
        sa.Column("footer", sa.String(length=300), nullable=False),
        sa.Column(
            "hue",
            sa.Enum(
                "petrol",
                "rust",
                "moss",
                "plum",
                "ink",
                "ochre",
                "pine",
                "heather",
                name="hue",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "registration",
            sa.Enum(
                "open",
                "domains",
                "invited",
                "closed",
                name="registration",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("domains", sa.Text(), nullable=False),
        sa.Column("staff_need_second_factor", sa.Boolean(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_site_single")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site")),
        sa.UniqueConstraint("public_id", name=op.f("uq_site_public_id")),
    )
    op.create_table(
        "spent_token",
        sa.Column("issuer", sa.String(length=300), nullable=False),
        sa.Column("jti", sa.String(length=255), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("issuer", "jti", name=op.f("pk_spent_token")),
    )
    op.create_index(op.f("ix_spent_token_expires_at"), "spent_token", ["expires_at"], unique=False)
    op.create_table(
        "status",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column(
            "category",
            sa.Enum(
                "open",
                "planned",
                "in_progress",
                "delivered",
                "declined",
                "parked",
                name="category",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("meaning", sa.String(length=300), nullable=False),
        sa.Column("owes_answer", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_initial", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status")),
        sa.UniqueConstraint("slug", name=op.f("uq_status_slug")),
    )
    op.create_table(
        "submission",
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("location", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_submission")),
    )
    op.create_table(
        "suppressed_address",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("address", sa.String(length=254), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suppressed_address")),
        sa.UniqueConstraint("address", name=op.f("uq_suppressed_address_address")),
    )
    op.create_index(op.f("ix_suppressed_address_refused_at"), "suppressed_address", ["refused_at"], unique=False)
    op.create_table(
        "token_app",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("slug", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("issuer", sa.String(length=300), nullable=False),
        sa.Column(
            "algorithm",
            sa.Enum("HS256", "RS256", name="tokenalgorithm", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("sealed_key", sa.Text(), nullable=False),
        sa.Column("sealed_former_key", sa.Text(), nullable=True),
        sa.Column("former_key_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_token_app")),
        sa.UniqueConstraint("issuer", name=op.f("uq_token_app_issuer")),
        sa.UniqueConstraint("slug", name=op.f("uq_token_app_slug")),
    )
    op.create_table(
        "member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("handle", sa.String(length=32), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "customer", "partner", "staff", name="memberkind", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("is_admin", sa.Boolean(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=True),
        sa.Column("bio", sa.String(length=300), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=True),
        sa.Column("wants_mail", sa.Boolean(), nullable=False),
        sa.Column("unread_count", sa.Integer(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("password", sa.String(length=255), nullable=True),
        sa.Column("fs_uniquifier", sa.String(length=64), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("us_totp_secrets", sa.Text(), nullable=True),
        sa.Column("us_phone_number", sa.String(length=128), nullable=True),
        sa.Column("tf_primary_method", sa.String(length=64), nullable=True),
        sa.Column("tf_totp_secret", sa.String(length=255), nullable=True),
        sa.Column("tf_counter", sa.Integer(), nullable=True),
        sa.Column("code_tries", sa.Integer(), nullable=False),
        sa.Column("mf_recovery_codes", sa.UnicodeText(), nullable=True),
        sa.Column("fs_webauthn_user_handle", sa.String(length=64), nullable=True),
        sa.Column("entered_by_id", sa.Integer(), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("source", sa.String(length=64), nullable=True),
        sa.Column("external_id", sa.String(length=128), nullable=True),
        sa.CheckConstraint("unread_count >= 0", name=op.f("ck_member_unread")),
        sa.ForeignKeyConstraint(
            ["entered_by_id"], ["member.id"], name=op.f("fk_member_entered_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_member_organisation_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_member")),
        sa.UniqueConstraint("email", name=op.f("uq_member_email")),
        sa.UniqueConstraint("fs_uniquifier", name=op.f("uq_member_fs_uniquifier")),
        sa.UniqueConstraint("fs_webauthn_user_handle", name=op.f("uq_member_fs_webauthn_user_handle")),
        sa.UniqueConstraint("handle", name=op.f("uq_member_handle")),
        sa.UniqueConstraint("public_id", name=op.f("uq_member_public_id")),
        sa.UniqueConstraint("source", "external_id", name=op.f("uq_member_source_external_id")),
        sa.UniqueConstraint("us_phone_number", name=op.f("uq_member_us_phone_number")),
    )
    op.create_index(op.f("ix_member_entered_by_id"), "member", ["entered_by_id"], unique=False)
    op.create_index(op.f("ix_member_organisation_id"), "member", ["organisation_id"], unique=False)
    op.create_table(
        "segment_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("segment_id", sa.Integer(), nullable=False),
        sa.Column("attribute", sa.String(length=80), nullable=False),
        sa.Column(
            "comparison",
            sa.Enum(
                "is",
                "is_not",
                "contains",
                "at_least",
                "at_most",
                name="comparison",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["segment_id"], ["segment.id"], name=op.f("fk_segment_rule_segment_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_segment_rule")),
    )
    op.create_index(op.f("ix_segment_rule_segment_id"), "segment_rule", ["segment_id"], unique=False)
    op.create_table(
        "account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("member", "issued", name="accountkind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("member_id", sa.Integer(), nullable=True),
        sa.Column("balance", sa.Integer(), nullable=False),
        sa.CheckConstraint("(kind = 'issued') = (id = 0)", name=op.f("ck_account_single_issuer")),
        sa.CheckConstraint("(kind = 'member') = (member_id IS NOT NULL)", name=op.f("ck_account_holder")),
        sa.CheckConstraint("kind = 'issued' OR balance >= 0", name=op.f("ck_account_covered")),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_account_member_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("member_id", name=op.f("uq_account_member_id")),
    )
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("act", sa.String(length=60), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=True),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=True),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["member.id"], name=op.f("fk_audit_entry_actor_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_audit_entry_member_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    op.create_index(op.f("ix_audit_entry_act"), "audit_entry", ["act"], unique=False)
    op.create_index(op.f("ix_audit_entry_actor_id"), "audit_entry", ["actor_id"], unique=False)
    op.create_index("ix_audit_entry_member", "audit_entry", ["member_id", "id"], unique=False)
    op.create_table(
        "board",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column(
            "hue",
            sa.Enum(
                "petrol",
                "rust",
                "moss",
                "plum",
                "ink",
                "ochre",
                "pine",
                "heather",
                name="hue",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "audience",
            sa.Enum(
                "public",
                "members",
                "segment",
                "staff",
                name="audience",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "propose_level",
            sa.Enum(
                "members",
                "segment",
                "staff",
                name="propose_level",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "support_level",
            sa.Enum(
                "members",
                "segment",
                "staff",
                name="support_level",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "comment_level",
            sa.Enum(
                "members",
                "segment",
                "staff",
                name="comment_level",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "degree",
            sa.Enum(
                "inform",
                "consult",
                "co-design",
                "decide",
                name="degree",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("promise_days", sa.Integer(), nullable=False),
        sa.Column("note_after_supports", sa.Integer(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("deputy_id", sa.Integer(), nullable=True),
        sa.Column("cannot", sa.Text(), nullable=False),
        sa.Column("guidance", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("watch_days", sa.Integer(), nullable=False),
        sa.Column("reopen_percent", sa.Integer(), nullable=False),
        sa.Column("answered_count", sa.Integer(), nullable=False),
        sa.Column("in_time_count", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=True),
        sa.Column("external_id", sa.String(length=128), nullable=True),
        sa.CheckConstraint("promise_days BETWEEN 1 AND 60", name=op.f("ck_board_promise")),
        sa.CheckConstraint("reopen_percent BETWEEN 1 AND 100", name=op.f("ck_board_reopen")),
        sa.CheckConstraint("watch_days BETWEEN 1 AND 730", name=op.f("ck_board_watch")),
        sa.ForeignKeyConstraint(["deputy_id"], ["member.id"], name=op.f("fk_board_deputy_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["owner_id"], ["member.id"], name=op.f("fk_board_owner_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_board")),
        sa.UniqueConstraint("slug", name=op.f("uq_board_slug")),
        sa.UniqueConstraint("source", "external_id", name=op.f("uq_board_source_external_id")),
    )
    op.create_table(
        "data_export",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("ready_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_data_export_member_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_export")),
        sa.UniqueConstraint("public_id", name=op.f("uq_data_export_public_id")),
    )
    op.create_index(op.f("ix_data_export_member_id"), "data_export", ["member_id"], unique=False)
    op.create_table(
        "feed_key",
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("key_hash", sa.String(length=64), nullable=False),
        sa.Column("used_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_feed_key_member_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("member_id", name=op.f("pk_feed_key")),
        sa.UniqueConstraint("key_hash", name=op.f("uq_feed_key_key_hash")),
    )
    op.create_table(
        "identity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("issuer", sa.String(length=300), nullable=False),
        sa.Column("subject", sa.String(length=255), nullable=False),
        sa.Column(
            "kind_before",
            sa.Enum(
                "customer", "partner", "staff", name="memberkind", native_enum=False, create_constraint=True, length=32
            ),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_identity_member_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity")),
        sa.UniqueConstraint("issuer", "subject", name=op.f("uq_identity_issuer_subject")),
    )
    op.create_index(op.f("ix_identity_member_id"), "identity", ["member_id"], unique=False)
    op.create_table(
        "notification_choice",
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "response",
                "status",
                "comment",
                "fix_proposed",
                "fix_chosen",
                "please_confirm",
                "reopened",
                "credit",
                "withdrawn",
                "moderated",
                "support_entered",
                "idea_entered",
                "mention",
                "reply",
                "report_decided",
                "promise_overdue",
                "meaning_changed",
                "amendment_proposed",
                "amendment_decided",
                "amendment_outdated",
                "amendment_waiting",
                "co_author_invited",
                "co_author_asked",
                "co_author_answered",
                "co_author_left",
                "merged",
                "merge_undone",
                "split",
                "adopted",
                "suggested",
                "suggestion_decided",
                "recurrence",
                name="notificationkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "channel",
            sa.Enum(
                "at_once",
                "daily",
                "weekly",
                "app",
                "none",
                name="channel",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_notification_choice_member_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("member_id", "kind", name=op.f("pk_notification_choice")),
    )
    op.create_table(
        "one_time_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "set_up",
                "sign_in",
                "register",
                "old_address",
                "new_address",
                name="linkpurpose",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("bundle", sa.String(length=64), nullable=True),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_one_time_link_member_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_link")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_one_time_link_token_hash")),
    )
    op.create_index(op.f("ix_one_time_link_bundle"), "one_time_link", ["bundle"], unique=False)
    op.create_index(op.f("ix_one_time_link_expires_at"), "one_time_link", ["expires_at"], unique=False)
    op.create_index(op.f("ix_one_time_link_member_id"), "one_time_link", ["member_id"], unique=False)
    op.create_table(
        "passkey",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(length=1024), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("transports", sa.JSON(), nullable=False),
        sa.Column("is_backed_up", sa.Boolean(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["member.id"], name=op.f("fk_passkey_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
        sa.UniqueConstraint("credential_id", name=op.f("uq_passkey_credential_id")),
        sa.UniqueConstraint("user_id", "name", name=op.f("uq_passkey_user_id_name")),
    )
    op.create_table(
        "segment_member",
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("segment_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("is_by_hand", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_segment_member_member_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["segment_id"], ["segment.id"], name=op.f("fk_segment_member_segment_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("segment_id", "member_id", name=op.f("pk_segment_member")),
    )
    op.create_index(op.f("ix_segment_member_member_id"), "segment_member", ["member_id"], unique=False)
    op.create_table(
        "sign_in_session",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_lasting", sa.Boolean(), nullable=False),
        sa.Column("must_rotate", sa.Boolean(), nullable=False),
        sa.Column("via", sa.String(length=60), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("browser", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_sign_in_session_member_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_session")),
        sa.UniqueConstraint("public_id", name=op.f("uq_sign_in_session_public_id")),
    )
    op.create_index(op.f("ix_sign_in_session_expires_at"), "sign_in_session", ["expires_at"], unique=False)
    op.create_index(op.f("ix_sign_in_session_member_id"), "sign_in_session", ["member_id"], unique=False)
    op.create_index(op.f("ix_sign_in_session_via"), "sign_in_session", ["via"], unique=False)
    op.create_table(
        "webhook",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("sealed_url", sa.Text(), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("sealed_secret", sa.Text(), nullable=False),
        sa.Column("sealed_former_secret", sa.Text(), nullable=True),
        sa.Column("former_secret_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "format",
            sa.Enum("standard", "slack", name="format", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("events", sa.JSON(), nullable=False),
        sa.Column("is_for_all_boards", sa.Boolean(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("on", "off", "stopped", name="webhookstate", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failure_count", sa.Integer(), nullable=False),
        sa.Column("rests_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "stop_reason",
            sa.Enum("gone", "dead", name="stopreason", native_enum=False, create_constraint=True, length=32),
            nullable=True,
        ),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["made_by_id"], ["member.id"], name=op.f("fk_webhook_made_by_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
        sa.UniqueConstraint("public_id", name=op.f("uq_webhook_public_id")),
    )
    op.create_index(op.f("ix_webhook_made_by_id"), "webhook", ["made_by_id"], unique=False)
    op.create_table(
        "board_field",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("board_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("label", sa.String(length=80), nullable=False),
        sa.Column("hint", sa.String(length=200), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "text",
                "choice",
                "number",
                "date",
                "checkbox",
                name="fieldkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("is_required", sa.Boolean(), nullable=False),
        sa.Column(
            "applies_to",
            sa.Enum("ideas", "problems", "both", name="fielduse", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_board_field_board_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_board_field")),
        sa.UniqueConstraint("board_id", "key", name=op.f("uq_board_field_board_id_key")),
    )
    op.create_table(
        "board_role",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("board_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "guest",
                "moderator",
                "product_manager",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("via", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_board_role_board_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_board_role_member_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_board_role")),
        sa.UniqueConstraint("board_id", "member_id", "role", name=op.f("uq_board_role_board_id_member_id_role")),
    )
    op.create_index(op.f("ix_board_role_member_id"), "board_role", ["member_id"], unique=False)
    op.create_index(op.f("ix_board_role_via"), "board_role", ["via"], unique=False)
    op.create_table(
        "board_segment",
        sa.Column("board_id", sa.Integer(), nullable=False),
        sa.Column("segment_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_board_segment_board_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["segment_id"], ["segment.id"], name=op.f("fk_board_segment_segment_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("board_id", "segment_id", name=op.f("pk_board_segment")),
    )
    op.create_index(op.f("ix_board_segment_segment_id"), "board_segment", ["segment_id"], unique=False)
    op.create_table(
        "idea",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("board_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("idea", "problem", "fix", name="kind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("body_html", sa.Text(), nullable=False),
        sa.Column("excerpt", sa.String(length=200), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("status_id", sa.Integer(), nullable=False),
        sa.Column(
            "category",
            sa.Enum(
                "open",
                "planned",
                "in_progress",
                "delivered",
                "declined",
                "parked",
                name="category",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem_id", sa.Integer(), nullable=True),
        sa.Column("is_temporary", sa.Boolean(), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("merged_into_id", sa.Integer(), nullable=True),
        sa.Column("is_listed", sa.Boolean(), nullable=False),
        sa.Column("hidden_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hidden_reason", sa.Text(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_reason", sa.Text(), nullable=True),
        sa.Column("locked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("assignee_id", sa.Integer(), nullable=True),
        sa.Column("entered_by_id", sa.Integer(), nullable=True),
        sa.Column(
            "entered_via",
            sa.Enum(
                "interview",
                "ticket",
                "call",
                "mail",
                "event",
                "other",
                name="channel",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("entered_from", sa.String(length=300), nullable=True),
        sa.Column("support_count", sa.Integer(), nullable=False),
        sa.Column("carried_count", sa.Integer(), nullable=False),
        sa.Column("carried_source", sa.String(length=120), nullable=True),
        sa.Column("comment_count", sa.Integer(), nullable=False),
        sa.Column("response_count", sa.Integer(), nullable=False),
        sa.Column("fix_count", sa.Integer(), nullable=False),
        sa.Column("fixed_count", sa.Integer(), nullable=False),
        sa.Column("not_fixed_count", sa.Integer(), nullable=False),
        sa.Column("revision_count", sa.Integer(), nullable=False),
        sa.Column("edited_after_supports", sa.Integer(), nullable=False),
        sa.Column("meaning_changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("origin_count", sa.Integer(), nullable=False),
        sa.Column("co_author_count", sa.Integer(), nullable=False),
        sa.Column("open_amendment_count", sa.Integer(), nullable=False),
        sa.Column("first_response_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_response_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trend", sa.Double(), nullable=False),
        sa.Column("shuffle", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=True),
        sa.Column("external_id", sa.String(length=128), nullable=True),
        sa.CheckConstraint("(kind = 'fix') = (problem_id IS NOT NULL)", name=op.f("ck_idea_fix_has_problem")),
        sa.CheckConstraint("support_count >= 0 AND comment_count >= 0", name=op.f("ck_idea_totals")),
        sa.ForeignKeyConstraint(["assignee_id"], ["member.id"], name=op.f("fk_idea_assignee_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["author_id"], ["member.id"], name=op.f("fk_idea_author_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_idea_board_id"), ondelete="RESTRICT"),
        sa.ForeignKeyConstraint(
            ["entered_by_id"], ["member.id"], name=op.f("fk_idea_entered_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["merged_into_id"], ["idea.id"], name=op.f("fk_idea_merged_into_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["problem_id"], ["idea.id"], name=op.f("fk_idea_problem_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["status_id"], ["status.id"], name=op.f("fk_idea_status_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idea")),
        sa.UniqueConstraint("public_id", name=op.f("uq_idea_public_id")),
        sa.UniqueConstraint("source", "external_id", name=op.f("uq_idea_source_external_id")),
    )
    op.create_index("ix_idea_answered", "idea", ["board_id", "is_listed", "last_response_at", "id"], unique=False)
    op.create_index(op.f("ix_idea_assignee_id"), "idea", ["assignee_id"], unique=False)
    op.create_index(op.f("ix_idea_author_id"), "idea", ["author_id"], unique=False)
    op.create_index(op.f("ix_idea_entered_by_id"), "idea", ["entered_by_id"], unique=False)
    op.create_index("ix_idea_first_answered", "idea", ["is_listed", "first_response_at", "id"], unique=False)
    op.create_index("ix_idea_last_answered", "idea", ["is_listed", "last_response_at", "id"], unique=False)
    op.create_index(op.f("ix_idea_merged_into_id"), "idea", ["merged_into_id"], unique=False)
    op.create_index("ix_idea_newest", "idea", ["board_id", "is_listed", "published_at", "id"], unique=False)
    op.create_index(op.f("ix_idea_problem_id"), "idea", ["problem_id"], unique=False)
    op.create_index("ix_idea_published", "idea", ["is_listed", "published_at", "id"], unique=False)
    op.create_index("ix_idea_shuffled", "idea", ["board_id", "is_listed", "shuffle", "id"], unique=False)
    op.create_index("ix_idea_supported", "idea", ["board_id", "is_listed", "support_count", "id"], unique=False)
    op.create_index("ix_idea_trending", "idea", ["board_id", "is_listed", "trend", "id"], unique=False)
    op.create_index("ix_idea_waiting", "idea", ["is_listed", "first_response_at", "published_at"], unique=False)
    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("board_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("invited_by_id", sa.Integer(), nullable=True),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_by_id", sa.Integer(), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["accepted_by_id"], ["member.id"], name=op.f("fk_invitation_accepted_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_invitation_board_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["invited_by_id"], ["member.id"], name=op.f("fk_invitation_invited_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("public_id", name=op.f("uq_invitation_public_id")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitation_token_hash")),
    )
    op.create_index(op.f("ix_invitation_accepted_by_id"), "invitation", ["accepted_by_id"], unique=False)
    op.create_index("ix_invitation_board", "invitation", ["board_id", "id"], unique=False)
    op.create_index(op.f("ix_invitation_email"), "invitation", ["email"], unique=False)
    op.create_index(op.f("ix_invitation_invited_by_id"), "invitation", ["invited_by_id"], unique=False)
    op.create_table(
        "tag",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("board_id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("idea_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_tag_board_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tag")),
        sa.UniqueConstraint("board_id", "slug", name=op.f("uq_tag_board_id_slug")),
    )
    op.create_table(
        "tally",
        sa.Column("board_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("idea", "problem", "fix", name="kind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("status_id", sa.Integer(), nullable=False),
        sa.Column("idea_count", sa.Integer(), nullable=False),
        sa.CheckConstraint("idea_count >= 0", name=op.f("ck_tally_count")),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_tally_board_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["status_id"], ["status.id"], name=op.f("fk_tally_status_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("board_id", "kind", "status_id", name=op.f("pk_tally")),
    )
    op.create_table(
        "webhook_board",
        sa.Column("webhook_id", sa.Integer(), nullable=False),
        sa.Column("board_id", sa.Integer(), nullable=False),
        sa.Column(
            "audience",
            sa.Enum(
                "public",
                "members",
                "segment",
                "staff",
                name="audience",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_webhook_board_board_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhook.id"], name=op.f("fk_webhook_board_webhook_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("webhook_id", "board_id", name=op.f("pk_webhook_board")),
    )
    op.create_index(op.f("ix_webhook_board_board_id"), "webhook_board", ["board_id"], unique=False)
    op.create_table(
        "adoption",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("former_author_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("withdrawn_reason", sa.Text(), nullable=False),
        sa.Column("carried_count", sa.Integer(), nullable=False),
        sa.Column("carried_source", sa.String(length=120), nullable=True),
        sa.ForeignKeyConstraint(
            ["former_author_id"], ["member.id"], name=op.f("fk_adoption_former_author_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name=op.f("fk_adoption_idea_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_adoption_member_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_adoption")),
        sa.UniqueConstraint("public_id", name=op.f("uq_adoption_public_id")),
    )
    op.create_index(op.f("ix_adoption_former_author_id"), "adoption", ["former_author_id"], unique=False)
    op.create_index(op.f("ix_adoption_idea_id"), "adoption", ["idea_id"], unique=False)
    op.create_index(op.f("ix_adoption_member_id"), "adoption", ["member_id"], unique=False)
    op.create_table(
        "amendment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("base_revision", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "accepted",
                "partly",
                "rejected",
                "withdrawn",
                "removed",
                name="amendmentstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("edit_count", sa.Integer(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outdated_by", sa.Integer(), nullable=True),
        sa.Column("support_count", sa.Integer(), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_note", sa.Text(), nullable=False),
        sa.Column("became_id", sa.Integer(), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("handed_over_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["author_id"], ["member.id"], name=op.f("fk_amendment_author_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["became_id"], ["idea.id"], name=op.f("fk_amendment_became_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["member.id"], name=op.f("fk_amendment_decided_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name=op.f("fk_amendment_idea_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_amendment")),
        sa.UniqueConstraint("public_id", name=op.f("uq_amendment_public_id")),
    )
    op.create_index(op.f("ix_amendment_author_id"), "amendment", ["author_id"], unique=False)
    op.create_index(op.f("ix_amendment_became_id"), "amendment", ["became_id"], unique=False)
    op.create_index(op.f("ix_amendment_decided_by_id"), "amendment", ["decided_by_id"], unique=False)
    op.create_index("ix_amendment_listed", "amendment", ["idea_id", "state", "id"], unique=False)
    op.create_table(
        "choice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fix_id", sa.Integer(), nullable=False),
        sa.Column("problem_id", sa.Integer(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["member.id"], name=op.f("fk_choice_actor_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["fix_id"], ["idea.id"], name=op.f("fk_choice_fix_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["problem_id"], ["idea.id"], name=op.f("fk_choice_problem_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_choice")),
        sa.UniqueConstraint("fix_id", name=op.f("uq_choice_fix_id")),
    )
    op.create_index(op.f("ix_choice_actor_id"), "choice", ["actor_id"], unique=False)
    op.create_index(op.f("ix_choice_problem_id"), "choice", ["problem_id"], unique=False)
    op.create_table(
        "co_author",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name=op.f("fk_co_author_idea_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_co_author_member_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_co_author")),
        sa.UniqueConstraint("idea_id", "member_id", name=op.f("uq_co_author_idea_id_member_id")),
    )
    op.create_index(op.f("ix_co_author_member_id"), "co_author", ["member_id"], unique=False)
    op.create_table(
        "co_author_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column(
            "direction",
            sa.Enum("invited", "asked", name="direction", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "accepted",
                "declined",
                "withdrawn",
                name="requeststate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["member.id"], name=op.f("fk_co_author_request_by_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["member.id"], name=op.f("fk_co_author_request_decided_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["idea_id"], ["idea.id"], name=op.f("fk_co_author_request_idea_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_co_author_request_member_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_co_author_request")),
        sa.UniqueConstraint("public_id", name=op.f("uq_co_author_request_public_id")),
    )
    op.create_index(op.f("ix_co_author_request_by_id"), "co_author_request", ["by_id"], unique=False)
    op.create_index(op.f("ix_co_author_request_decided_by_id"), "co_author_request", ["decided_by_id"], unique=False)
    op.create_index(op.f("ix_co_author_request_idea_id"), "co_author_request", ["idea_id"], unique=False)
    op.create_index(op.f("ix_co_author_request_member_id"), "co_author_request", ["member_id"], unique=False)
    op.create_index(
        "uq_co_author_request_open",
        "co_author_request",
        ["idea_id", "member_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.create_table(
        "confirmation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("problem_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column(
            "verdict",
            sa.Enum("fixed", "not_fixed", name="verdict", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("version", sa.String(length=120), nullable=False),
        sa.Column("environment", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_confirmation_member_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["problem_id"], ["idea.id"], name=op.f("fk_confirmation_problem_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confirmation")),
        sa.UniqueConstraint("problem_id", "member_id", name=op.f("uq_confirmation_problem_id_member_id")),
    )
    op.create_index(op.f("ix_confirmation_member_id"), "confirmation", ["member_id"], unique=False)
    op.create_table(
        "contribution",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "origin",
                "merged_origin",
                "co_author",
                "amendment",
                "fix",
                "reproduction",
                "circumstances",
                "evidence",
                "confirmation",
                name="contributionkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.CheckConstraint("points BETWEEN 0 AND 1000", name=op.f("ck_contribution_points")),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name=op.f("fk_contribution_idea_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_contribution_member_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contribution")),
        sa.UniqueConstraint("idea_id", "member_id", "kind", name=op.f("uq_contribution_idea_id_member_id_kind")),
    )
    op.create_index(op.f("ix_contribution_member_id"), "contribution", ["member_id"], unique=False)
    op.create_table(
        "contribution_fact",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "origin",
                "merged_origin",
                "adoption",
                "co_author",
                "amendment",
                "amendment_partly",
                "amendment_rework",
                "fix",
                "reproduction",
                "confirmation",
                name="factkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "subject",
            sa.Enum(
                "idea",
                "amendment",
                "reproduction",
                name="factsubject",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("happened_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["idea_id"], ["idea.id"], name=op.f("fk_contribution_fact_idea_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_contribution_fact_member_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contribution_fact")),
        sa.UniqueConstraint(
            "idea_id",
            "member_id",
            "kind",
            "subject",
            "subject_id",
            name=op.f("uq_contribution_fact_idea_id_member_id_kind_subject_subject_id"),
        ),
    )
    op.create_index(op.f("ix_contribution_fact_member_id"), "contribution_fact", ["member_id"], unique=False)
    op.create_table(
        "draft",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("board_id", sa.Integer(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum("idea", "problem", "fix", name="kind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("tags", sa.String(length=300), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("writer_count", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("idea_id", sa.Integer(), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind <> 'fix'", name=op.f("ck_draft_kind_proposed")),
        sa.ForeignKeyConstraint(["board_id"], ["board.id"], name=op.f("fk_draft_board_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name=op.f("fk_draft_idea_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["owner_id"], ["member.id"], name=op.f("fk_draft_owner_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft")),
        sa.UniqueConstraint("public_id", name=op.f("uq_draft_public_id")),
    )
    op.create_index(op.f("ix_draft_board_id"), "draft", ["board_id"], unique=False)
    op.create_index(op.f("ix_draft_changed_at"), "draft", ["changed_at"], unique=False)
    op.create_index(op.f("ix_draft_idea_id"), "draft", ["idea_id"], unique=False)
    op.create_index(op.f("ix_draft_owner_id"), "draft", ["owner_id"], unique=False)
    op.create_table(
        "ended_choice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fix_id", sa.Integer(), nullable=False),
        sa.Column("problem_id", sa.Integer(), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("chosen_by_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["member.id"], name=op.f("fk_ended_choice_actor_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["chosen_by_id"], ["member.id"], name=op.f("fk_ended_choice_chosen_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["fix_id"], ["idea.id"], name=op.f("fk_ended_choice_fix_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["problem_id"], ["idea.id"], name=op.f("fk_ended_choice_problem_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ended_choice")),
    )
    op.create_index(op.f("ix_ended_choice_actor_id"), "ended_choice", ["actor_id"], unique=False)
    op.create_index(op.f("ix_ended_choice_chosen_by_id"), "ended_choice", ["chosen_by_id"], unique=False)
    op.create_index(op.f("ix_ended_choice_fix_id"), "ended_choice", ["fix_id"], unique=False)
    op.create_index(op.f("ix_ended_choice_problem_id"), "ended_choice", ["problem_id"], unique=False)
    op.create_table(
        "follow",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                "author",
                "support",
                "comment",
                "fix",
                "chosen",
                name="followreason",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("muted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name=op.f("fk_follow_idea_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_follow_member_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow")),
        sa.UniqueConstraint("idea_id", "member_id", name=op.f("uq_follow_idea_id_member_id")),
    )
    op.create_index(op.f("ix_follow_member_id"), "follow", ["member_id"], unique=False)
    op.create_table(
        "idea_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("from_id", sa.Integer(), nullable=False),
        sa.Column("to_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "related",
                "part_of",
                "depends_on",
                "duplicates",
                "split_from",
                name="linkkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("from_id <> to_id", name=op.f("ck_idea_link_not_itself")),
        sa.ForeignKeyConstraint(["actor_id"], ["member.id"], name=op.f("fk_idea_link_actor_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["from_id"], ["idea.id"], name=op.f("fk_idea_link_from_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["to_id"], ["idea.id"], name=op.f("fk_idea_link_to_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idea_link")),
        sa.UniqueConstraint("from_id", "to_id", "kind", name=op.f("uq_idea_link_from_id_to_id_kind")),
        sa.UniqueConstraint("public_id", name=op.f("uq_idea_link_public_id")),
    )
    op.create_index(op.f("ix_idea_link_actor_id"), "idea_link", ["actor_id"], unique=False)
    op.create_index(op.f("ix_idea_link_to_id"), "idea_link", ["to_id"], unique=False)
    op.create_table(
        "idea_tag",
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("tag_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name=op.f("fk_idea_tag_idea_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["tag_id"], ["tag.id"], name=op.f("fk_idea_tag_tag_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("idea_id", "tag_id", name=op.f("pk_idea_tag")),
    )
    op.create_index(op.f("ix_idea_tag_tag_id"), "idea_tag", ["tag_id"], unique=False)
    op.create_table(
        "intake",
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("version", sa.String(length=120), nullable=False),
        sa.Column("environment", sa.String(length=120), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name=op.f("fk_intake_idea_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("idea_id", name=op.f("pk_intake")),
    )
    op.create_table(
        "ledger_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column("debit_account_id", sa.Integer(), nullable=False),
        sa.Column("credit_account_id", sa.Integer(), nullable=False),
        sa.Column("amount", sa.Integer(), nullable=False),
        sa.Column("idea_id", sa.Integer(), nullable=True),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_ledger_entry_amount")),
        sa.CheckConstraint("debit_account_id <> credit_account_id", name=op.f("ck_ledger_entry_two_sides")),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["member.id"], name=op.f("fk_ledger_entry_actor_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["credit_account_id"], ["account.id"], name=op.f("fk_ledger_entry_credit_account_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["debit_account_id"], ["account.id"], name=op.f("fk_ledger_entry_debit_account_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name=op.f("fk_ledger_entry_idea_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entry")),
        sa.UniqueConstraint("key", name=op.f("uq_ledger_entry_key")),
    )
    op.create_index(op.f("ix_ledger_entry_actor_id"), "ledger_entry", ["actor_id"], unique=False)
    op.create_index(op.f("ix_ledger_entry_credit_account_id"), "ledger_entry", ["credit_account_id"], unique=False)
    op.create_index(op.f("ix_ledger_entry_debit_account_id"), "ledger_entry", ["debit_account_id"], unique=False)
    op.create_index(op.f("ix_ledger_entry_idea_id"), "ledger_entry", ["idea_id"], unique=False)
    op.create_table(
        "mention",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column(
            "subject",
            sa.Enum(
                "idea", "comment", "response", name="mentionedin", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("handle", sa.String(length=32), nullable=False),
        sa.Column("writer_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name=op.f("fk_mention_idea_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_mention_member_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["writer_id"], ["member.id"], name=op.f("fk_mention_writer_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mention")),
        sa.UniqueConstraint("subject", "subject_id", "handle", name=op.f("uq_mention_subject_subject_id_handle")),
    )
    op.create_index(op.f("ix_mention_idea_id"), "mention", ["idea_id"], unique=False)
    op.create_index(op.f("ix_mention_member_id"), "mention", ["member_id"], unique=False)
    op.create_index("ix_mention_writer", "mention", ["writer_id", "created_at"], unique=False)
    op.create_table(
        "merge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("origin_id", sa.Integer(), nullable=False),
        sa.Column("target_id", sa.Integer(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by_id", sa.Integer(), nullable=True),
        sa.Column("undone_reason", sa.Text(), nullable=True),
        sa.CheckConstraint("origin_id <> target_id", name=op.f("ck_merge_not_itself")),
        sa.ForeignKeyConstraint(["actor_id"], ["member.id"], name=op.f("fk_merge_actor_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["origin_id"], ["idea.id"], name=op.f("fk_merge_origin_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["target_id"], ["idea.id"], name=op.f("fk_merge_target_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["undone_by_id"], ["member.id"], name=op.f("fk_merge_undone_by_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merge")),
        sa.UniqueConstraint("public_id", name=op.f("uq_merge_public_id")),
    )
    op.create_index(op.f("ix_merge_actor_id"), "merge", ["actor_id"], unique=False)
    op.create_index(op.f("ix_merge_origin_id"), "merge", ["origin_id"], unique=False)
    op.create_index(op.f("ix_merge_target_id"), "merge", ["target_id"], unique=False)
    op.create_index(op.f("ix_merge_undone_by_id"), "merge", ["undone_by_id"], unique=False)
    op.create_index(
        "uq_merge_standing",
        "merge",
        ["origin_id"],
        unique=True,
        sqlite_where=sa.text("undone_at IS NULL"),
        postgresql_where=sa.text("undone_at IS NULL"),
    )
    op.create_table(
        "reproduction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("problem_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("steps", sa.Text(), nullable=False),
        sa.Column("version", sa.String(length=120), nullable=False),
        sa.Column("environment", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_reproduction_member_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["problem_id"], ["idea.id"], name=op.f("fk_reproduction_problem_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reproduction")),
        sa.UniqueConstraint("problem_id", "member_id", name=op.f("uq_reproduction_problem_id_member_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_reproduction_public_id")),
    )
    op.create_index(op.f("ix_reproduction_member_id"), "reproduction", ["member_id"], unique=False)
    op.create_table(
        "response",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("body_html", sa.Text(), nullable=False),
        sa.Column("from_status_id", sa.Integer(), nullable=False),
        sa.Column("to_status_id", sa.Integer(), nullable=False),
        sa.Column(
            "decline_reason",
            sa.Enum(
                "against_purpose",
                "too_few",
                "too_costly",
                "not_good_enough",
                "solved_another_way",
                "not_ours",
                name="declinereason",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("would_change", sa.Text(), nullable=True),
        sa.Column("review_on", sa.Date(), nullable=True),
        sa.Column("source", sa.String(length=64), nullable=True),
        sa.Column("external_id", sa.String(length=128), nullable=True),
        sa.CheckConstraint(
            "(decline_reason IS NULL) = (would_change IS NULL)", name=op.f("ck_response_decline_explained")
        ),
        sa.ForeignKeyConstraint(["author_id"], ["member.id"], name=op.f("fk_response_author_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["from_status_id"], ["status.id"], name=op.f("fk_response_from_status_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name=op.f("fk_response_idea_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["to_status_id"], ["status.id"], name=op.f("fk_response_to_status_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_response")),
        sa.UniqueConstraint("public_id", name=op.f("uq_response_public_id")),
        sa.UniqueConstraint("source", "external_id", name=op.f("uq_response_source_external_id")),
    )
    op.create_index(op.f("ix_response_author_id"), "response", ["author_id"], unique=False)
    op.create_index("ix_response_idea", "response", ["idea_id", "created_at"], unique=False)
    op.create_index("ix_response_newest", "response", ["created_at", "id"], unique=False)
    op.create_table(
        "search_change",
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name=op.f("fk_search_change_idea_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("idea_id", name=op.f("pk_search_change")),
    )
    op.create_index(op.f("ix_search_change_changed_at"), "search_change", ["changed_at"], unique=False)
    op.create_table(
        "settlement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("rule_version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["member.id"], name=op.f("fk_settlement_actor_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name=op.f("fk_settlement_idea_id"), ondelete="RESTRICT"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_settlement")),
        sa.UniqueConstraint("idea_id", name=op.f("uq_settlement_idea_id")),
    )
    op.create_index(op.f("ix_settlement_actor_id"), "settlement", ["actor_id"], unique=False)
    op.create_table(
        "split_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("part_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column(
            "choice",
            sa.Enum("rest", "both", "part", name="splitchoice", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_split_answer_member_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["part_id"], ["idea.id"], name=op.f("fk_split_answer_part_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_split_answer")),
        sa.UniqueConstraint("part_id", "member_id", name=op.f("uq_split_answer_part_id_member_id")),
    )
    op.create_index(op.f("ix_split_answer_member_id"), "split_answer", ["member_id"], unique=False)
    op.create_table(
        "status_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("from_status_id", sa.Integer(), nullable=False),
        sa.Column("to_status_id", sa.Integer(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column(
            "cause",
            sa.Enum(
                "response",
                "confirmation",
                "import",
                name="statuscause",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["member.id"], name=op.f("fk_status_change_actor_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["from_status_id"], ["status.id"], name=op.f("fk_status_change_from_status_id"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name=op.f("fk_status_change_idea_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["to_status_id"], ["status.id"], name=op.f("fk_status_change_to_status_id"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_status_change")),
    )
    op.create_index(op.f("ix_status_change_actor_id"), "status_change", ["actor_id"], unique=False)
    op.create_index(op.f("ix_status_change_idea_id"), "status_change", ["idea_id"], unique=False)
    op.create_index("ix_status_change_moved", "status_change", ["to_status_id", "created_at"], unique=False)
    op.create_table(
        "suggestion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column(
            "wanted",
            sa.Enum(
                "merge",
                "related",
                "part_of",
                "depends_on",
                "duplicates",
                name="suggestedkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open",
                "taken",
                "declined",
                name="suggestionstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_note", sa.Text(), nullable=False),
        sa.CheckConstraint("idea_id <> other_id", name=op.f("ck_suggestion_not_itself")),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["member.id"], name=op.f("fk_suggestion_decided_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name=op.f("fk_suggestion_idea_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_suggestion_member_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["other_id"], ["idea.id"], name=op.f("fk_suggestion_other_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suggestion")),
        sa.UniqueConstraint(
            "idea_id", "other_id", "wanted", "member_id", name=op.f("uq_suggestion_idea_id_other_id_wanted_member_id")
        ),
        sa.UniqueConstraint("public_id", name=op.f("uq_suggestion_public_id")),
    )
    op.create_index(op.f("ix_suggestion_decided_by_id"), "suggestion", ["decided_by_id"], unique=False)
    op.create_index(op.f("ix_suggestion_member_id"), "suggestion", ["member_id"], unique=False)
    op.create_index(op.f("ix_suggestion_other_id"), "suggestion", ["other_id"], unique=False)
    op.create_index("ix_suggestion_queue", "suggestion", ["state", "created_at"], unique=False)
    op.create_table(
        "amendment_support",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("amendment_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("wording", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["amendment_id"], ["amendment.id"], name=op.f("fk_amendment_support_amendment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_amendment_support_member_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_amendment_support")),
        sa.UniqueConstraint("amendment_id", "member_id", name=op.f("uq_amendment_support_amendment_id_member_id")),
    )
    op.create_index(op.f("ix_amendment_support_member_id"), "amendment_support", ["member_id"], unique=False)
    op.create_table(
        "amendment_wording",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("amendment_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("base_revision", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["amendment_id"], ["amendment.id"], name=op.f("fk_amendment_wording_amendment_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_amendment_wording")),
        sa.UniqueConstraint("amendment_id", "number", name=op.f("uq_amendment_wording_amendment_id_number")),
    )
    op.create_table(
        "comment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("body_html", sa.Text(), nullable=False),
        sa.Column("amendment_id", sa.Integer(), nullable=True),
        sa.Column(
            "audience",
            sa.Enum("public", "internal", name="commentaudience", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("is_official", sa.Boolean(), nullable=False),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hidden_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hidden_reason", sa.Text(), nullable=True),
        sa.Column("thanks_count", sa.Integer(), nullable=False),
        sa.Column("helpful_count", sa.Integer(), nullable=False),
        sa.Column("same_here_count", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=True),
        sa.Column("external_id", sa.String(length=128), nullable=True),
        sa.CheckConstraint("NOT (is_official AND audience = 'internal')", name=op.f("ck_comment_official_is_public")),
        sa.ForeignKeyConstraint(
            ["amendment_id"], ["amendment.id"], name=op.f("fk_comment_amendment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["author_id"], ["member.id"], name=op.f("fk_comment_author_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name=op.f("fk_comment_idea_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["parent_id"], ["comment.id"], name=op.f("fk_comment_parent_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment")),
        sa.UniqueConstraint("public_id", name=op.f("uq_comment_public_id")),
        sa.UniqueConstraint("source", "external_id", name=op.f("uq_comment_source_external_id")),
    )
    op.create_index(op.f("ix_comment_amendment_id"), "comment", ["amendment_id"], unique=False)
    op.create_index(op.f("ix_comment_author_id"), "comment", ["author_id"], unique=False)
    op.create_index("ix_comment_newest", "comment", ["idea_id", "created_at", "id"], unique=False)
    op.create_index(op.f("ix_comment_parent_id"), "comment", ["parent_id"], unique=False)
    op.create_index("ix_comment_thread", "comment", ["idea_id", "parent_id", "created_at", "id"], unique=False)
    op.create_table(
        "draft_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("draft_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["author_id"], ["member.id"], name=op.f("fk_draft_version_author_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name=op.f("fk_draft_version_draft_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_version")),
        sa.UniqueConstraint("draft_id", "number", name=op.f("uq_draft_version_draft_id_number")),
    )
    op.create_index(op.f("ix_draft_version_author_id"), "draft_version", ["author_id"], unique=False)
    op.create_table(
        "draft_writer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("draft_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "invited",
                "joined",
                "declined",
                name="writerstate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["member.id"], name=op.f("fk_draft_writer_by_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], name=op.f("fk_draft_writer_draft_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_draft_writer_member_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_writer")),
        sa.UniqueConstraint("draft_id", "member_id", name=op.f("uq_draft_writer_draft_id_member_id")),
    )
    op.create_index(op.f("ix_draft_writer_by_id"), "draft_writer", ["by_id"], unique=False)
    op.create_index(op.f("ix_draft_writer_member_id"), "draft_writer", ["member_id"], unique=False)
    op.create_table(
        "merge_decline",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("merge_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("adoption_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["adoption_id"], ["adoption.id"], name=op.f("fk_merge_decline_adoption_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_merge_decline_member_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["merge_id"], ["merge.id"], name=op.f("fk_merge_decline_merge_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merge_decline")),
        sa.UniqueConstraint("merge_id", "member_id", name=op.f("uq_merge_decline_merge_id_member_id")),
    )
    op.create_index(op.f("ix_merge_decline_adoption_id"), "merge_decline", ["adoption_id"], unique=False)
    op.create_index(op.f("ix_merge_decline_member_id"), "merge_decline", ["member_id"], unique=False)
    op.create_table(
        "prevention",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("problem_id", sa.Integer(), nullable=False),
        sa.Column("change_id", sa.Integer(), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["member.id"], name=op.f("fk_prevention_actor_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["change_id"], ["status_change.id"], name=op.f("fk_prevention_change_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["problem_id"], ["idea.id"], name=op.f("fk_prevention_problem_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prevention")),
        sa.UniqueConstraint("change_id", name=op.f("uq_prevention_change_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_prevention_public_id")),
    )
    op.create_index(op.f("ix_prevention_actor_id"), "prevention", ["actor_id"], unique=False)
    op.create_index(op.f("ix_prevention_problem_id"), "prevention", ["problem_id"], unique=False)
    op.create_table(
        "recurrence",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("problem_id", sa.Integer(), nullable=False),
        sa.Column("fixed_id", sa.Integer(), nullable=False),
        sa.Column("change_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("open", "yes", "no", name="recurrencestate", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["change_id"], ["status_change.id"], name=op.f("fk_recurrence_change_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["member.id"], name=op.f("fk_recurrence_decided_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["fixed_id"], ["idea.id"], name=op.f("fk_recurrence_fixed_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["problem_id"], ["idea.id"], name=op.f("fk_recurrence_problem_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recurrence")),
        sa.UniqueConstraint("problem_id", "fixed_id", name=op.f("uq_recurrence_problem_id_fixed_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_recurrence_public_id")),
    )
    op.create_index(op.f("ix_recurrence_change_id"), "recurrence", ["change_id"], unique=False)
    op.create_index(op.f("ix_recurrence_decided_by_id"), "recurrence", ["decided_by_id"], unique=False)
    op.create_index("ix_recurrence_fixed", "recurrence", ["fixed_id", "state"], unique=False)
    op.create_table(
        "reopening",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("change_id", sa.Integer(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("not_fixed_count", sa.Integer(), nullable=False),
        sa.Column("word_count", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["change_id"], ["status_change.id"], name=op.f("fk_reopening_change_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reopening")),
        sa.UniqueConstraint("change_id", name=op.f("uq_reopening_change_id")),
    )
    op.create_table(
        "revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Integer(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "published",
                "edited",
                "retitled",
                "amended",
                "adopted",
                name="revisionkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("note", sa.String(length=300), nullable=False),
        sa.Column("changes_meaning", sa.Boolean(), nullable=False),
        sa.Column("amendment_id", sa.Integer(), nullable=True),
        sa.Column("accepted_by_id", sa.Integer(), nullable=True),
        sa.Column("support_count", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["accepted_by_id"], ["member.id"], name=op.f("fk_revision_accepted_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["amendment_id"], ["amendment.id"], name=op.f("fk_revision_amendment_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["author_id"], ["member.id"], name=op.f("fk_revision_author_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name=op.f("fk_revision_idea_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_revision")),
        sa.UniqueConstraint("idea_id", "number", name=op.f("uq_revision_idea_id_number")),
    )
    op.create_index(op.f("ix_revision_accepted_by_id"), "revision", ["accepted_by_id"], unique=False)
    op.create_index(op.f("ix_revision_amendment_id"), "revision", ["amendment_id"], unique=False)
    op.create_index(op.f("ix_revision_author_id"), "revision", ["author_id"], unique=False)
    op.create_table(
        "support",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column(
            "strength",
            sa.Enum(
                "nice", "important", "critical", name="strength", native_enum=False, create_constraint=True, length=32
            ),
            nullable=True,
        ),
        sa.Column("need", sa.Text(), nullable=True),
        sa.Column("version", sa.String(length=120), nullable=True),
        sa.Column("environment", sa.String(length=120), nullable=True),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column(
            "source",
            sa.Enum(
                "self", "staff", "import", name="supportsource", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("entered_by_id", sa.Integer(), nullable=True),
        sa.Column(
            "entered_via",
            sa.Enum(
                "interview",
                "ticket",
                "call",
                "mail",
                "event",
                "other",
                name="channel",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("entered_from", sa.String(length=300), nullable=True),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("adoption_id", sa.Integer(), nullable=True),
        sa.Column("quarantined_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["adoption_id"], ["adoption.id"], name=op.f("fk_support_adoption_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["entered_by_id"], ["member.id"], name=op.f("fk_support_entered_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name=op.f("fk_support_idea_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_support_member_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_support")),
        sa.UniqueConstraint("idea_id", "member_id", name=op.f("uq_support_idea_id_member_id")),
    )
    op.create_index(op.f("ix_support_adoption_id"), "support", ["adoption_id"], unique=False)
    op.create_index(op.f("ix_support_entered_by_id"), "support", ["entered_by_id"], unique=False)
    op.create_index("ix_support_member", "support", ["member_id", "created_at"], unique=False)
    op.create_table(
        "attachment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uploader_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("small_key", sa.String(length=64), nullable=True),
        sa.Column("idea_id", sa.Integer(), nullable=True),
        sa.Column("comment_id", sa.Integer(), nullable=True),
        sa.Column("amendment_id", sa.Integer(), nullable=True),
        sa.Column("attached_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("(width IS NULL) = (height IS NULL)", name=op.f("ck_attachment_has_both_measures")),
        sa.ForeignKeyConstraint(
            ["amendment_id"], ["amendment.id"], name=op.f("fk_attachment_amendment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comment.id"], name=op.f("fk_attachment_comment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name=op.f("fk_attachment_idea_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["uploader_id"], ["member.id"], name=op.f("fk_attachment_uploader_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
        sa.UniqueConstraint("key", name=op.f("uq_attachment_key")),
        sa.UniqueConstraint("public_id", name=op.f("uq_attachment_public_id")),
        sa.UniqueConstraint("small_key", name=op.f("uq_attachment_small_key")),
    )
    op.create_index(op.f("ix_attachment_amendment_id"), "attachment", ["amendment_id"], unique=False)
    op.create_index(op.f("ix_attachment_comment_id"), "attachment", ["comment_id"], unique=False)
    op.create_index(op.f("ix_attachment_idea_id"), "attachment", ["idea_id"], unique=False)
    op.create_index(op.f("ix_attachment_uploader_id"), "attachment", ["uploader_id"], unique=False)
    op.create_table(
        "comment_revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comment.id"], name=op.f("fk_comment_revision_comment_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_comment_revision")),
    )
    op.create_index(op.f("ix_comment_revision_comment_id"), "comment_revision", ["comment_id"], unique=False)
    op.create_table(
        "held_mail",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=True),
        sa.Column(
            "reason",
            sa.Enum(
                "unproven",
                "failed",
                "other_sender",
                "odd_sender",
                name="heldreason",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comment.id"], name=op.f("fk_held_mail_comment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name=op.f("fk_held_mail_idea_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_held_mail_member_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_held_mail")),
        sa.UniqueConstraint("public_id", name=op.f("uq_held_mail_public_id")),
    )
    op.create_index(op.f("ix_held_mail_comment_id"), "held_mail", ["comment_id"], unique=False)
    op.create_index(op.f("ix_held_mail_idea_id"), "held_mail", ["idea_id"], unique=False)
    op.create_index(op.f("ix_held_mail_member_id"), "held_mail", ["member_id"], unique=False)
    op.create_table(
        "moderation_decision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column(
            "action",
            sa.Enum(
                "hide",
                "restore",
                "retitle",
                "tag",
                "lock",
                "unlock",
                "dismiss",
                "split",
                name="moderationaction",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("reason <> ''", name=op.f("ck_moderation_decision_reasoned")),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["member.id"], name=op.f("fk_moderation_decision_actor_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comment.id"], name=op.f("fk_moderation_decision_comment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["idea_id"], ["idea.id"], name=op.f("fk_moderation_decision_idea_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moderation_decision")),
    )
    op.create_index(op.f("ix_moderation_decision_actor_id"), "moderation_decision", ["actor_id"], unique=False)
    op.create_index(op.f("ix_moderation_decision_comment_id"), "moderation_decision", ["comment_id"], unique=False)
    op.create_index(op.f("ix_moderation_decision_idea_id"), "moderation_decision", ["idea_id"], unique=False)
    op.create_table(
        "notification",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=120), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "response",
                "status",
                "comment",
                "fix_proposed",
                "fix_chosen",
                "please_confirm",
                "reopened",
                "credit",
                "withdrawn",
                "moderated",
                "support_entered",
                "idea_entered",
                "mention",
                "reply",
                "report_decided",
                "promise_overdue",
                "meaning_changed",
                "amendment_proposed",
                "amendment_decided",
                "amendment_outdated",
                "amendment_waiting",
                "co_author_invited",
                "co_author_asked",
                "co_author_answered",
                "co_author_left",
                "merged",
                "merge_undone",
                "split",
                "adopted",
                "suggested",
                "suggestion_decided",
                "recurrence",
                name="notificationkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "channel",
            sa.Enum(
                "at_once",
                "daily",
                "weekly",
                "app",
                "none",
                name="channel",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "reason",
            sa.Enum(
                "author",
                "support",
                "comment",
                "fix",
                "chosen",
                "problem",
                "replied",
                "mentioned",
                "concerned",
                "named",
                "reported",
                "invited",
                "staff",
                name="toldreason",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=True),
        sa.Column("actor_id", sa.Integer(), nullable=True),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["member.id"], name=op.f("fk_notification_actor_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comment.id"], name=op.f("fk_notification_comment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name=op.f("fk_notification_idea_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["member_id"], ["member.id"], name=op.f("fk_notification_member_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification")),
        sa.UniqueConstraint("member_id", "key", name=op.f("uq_notification_member_id_key")),
    )
    op.create_index(op.f("ix_notification_actor_id"), "notification", ["actor_id"], unique=False)
    op.create_index(op.f("ix_notification_comment_id"), "notification", ["comment_id"], unique=False)
    op.create_index(
        "ix_notification_due",
        "notification",
        ["channel", "member_id"],
        unique=False,
        sqlite_where=sa.text("mailed_at IS NULL"),
        postgresql_where=sa.text("mailed_at IS NULL"),
    )
    op.create_index(op.f("ix_notification_idea_id"), "notification", ["idea_id"], unique=False)
    op.create_index("ix_notification_list", "notification", ["member_id", "created_at", "id"], unique=False)
    op.create_table(
        "reaction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=False),
        sa.Column("member_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "thanks",
                "helpful",
                "same_here",
                name="reactionkind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comment.id"], name=op.f("fk_reaction_comment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["member_id"], ["member.id"], name=op.f("fk_reaction_member_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reaction")),
        sa.UniqueConstraint("comment_id", "member_id", "kind", name=op.f("uq_reaction_comment_id_member_id_kind")),
    )
    op.create_index(op.f("ix_reaction_member_id"), "reaction", ["member_id"], unique=False)
    op.create_table(
        "report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("idea_id", sa.Integer(), nullable=False),
        sa.Column("comment_id", sa.Integer(), nullable=True),
        sa.Column("reporter_id", sa.Integer(), nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                "spam",
                "abuse",
                "off_topic",
                "private",
                "other",
                name="reportreason",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "open", "upheld", "dismissed", name="reportstate", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["comment_id"], ["comment.id"], name=op.f("fk_report_comment_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["member.id"], name=op.f("fk_report_decided_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name=op.f("fk_report_idea_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["reporter_id"], ["member.id"], name=op.f("fk_report_reporter_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint("public_id", name=op.f("uq_report_public_id")),
        sa.UniqueConstraint("reporter_id", "subject", name=op.f("uq_report_reporter_id_subject")),
    )
    op.create_index(op.f("ix_report_comment_id"), "report", ["comment_id"], unique=False)
    op.create_index(op.f("ix_report_decided_by_id"), "report", ["decided_by_id"], unique=False)
    op.create_index(op.f("ix_report_idea_id"), "report", ["idea_id"], unique=False)
    op.create_index("ix_report_queue", "report", ["state", "created_at"], unique=False)
    op.create_table(
        "webhook_delivery",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("webhook_id", sa.Integer(), nullable=False),
        sa.Column(
            "event",
            sa.Enum(
                "idea.published",
                "idea.edited",
                "idea.withdrawn",
                "idea.status_changed",
                "idea.delivered",
                "response.sent",
                "comment.posted",
                "fix.chosen",
                "credit.settled",
                "idea.merged",
                "idea.merge_undone",
                "idea.split",
                "idea.adopted",
                "idea.authors_changed",
                "amendment.proposed",
                "amendment.decided",
                "ping",
                name="eventtype",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("idea_id", sa.Integer(), nullable=True),
        sa.Column("comment_id", sa.Integer(), nullable=True),
        sa.Column("subject_id", sa.Integer(), nullable=True),
        sa.Column("hop", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "delivered",
                "failed",
                "dropped",
                name="deliverystate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("tried_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("duration_ms", sa.Integer(), nullable=True),
        sa.Column("status_code", sa.Integer(), nullable=True),
        sa.Column(
            "error",
            sa.Enum(
                "name",
                "address",
                "network",
                "connection",
                "certificate",
                "time",
                "answer",
                "switched_off",
                "secret",
                name="failure",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("next_try_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("payload", sa.Text(), nullable=True),
        sa.Column("signature", sa.String(length=300), nullable=True),
        sa.ForeignKeyConstraint(
            ["comment_id"], ["comment.id"], name=op.f("fk_webhook_delivery_comment_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["idea_id"], ["idea.id"], name=op.f("fk_webhook_delivery_idea_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhook.id"], name=op.f("fk_webhook_delivery_webhook_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_delivery")),
        sa.UniqueConstraint("public_id", name=op.f("uq_webhook_delivery_public_id")),
    )
    op.create_index(op.f("ix_webhook_delivery_comment_id"), "webhook_delivery", ["comment_id"], unique=False)
    op.create_index("ix_webhook_delivery_created", "webhook_delivery", ["created_at"], unique=False)
    op.create_index(op.f("ix_webhook_delivery_idea_id"), "webhook_delivery", ["idea_id"], unique=False)
    op.create_index("ix_webhook_delivery_list", "webhook_delivery", ["webhook_id", "id"], unique=False)
    op.create_index("ix_webhook_delivery_state", "webhook_delivery", ["webhook_id", "state", "id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_webhook_delivery_state", table_name="webhook_delivery")
    op.drop_index("ix_webhook_delivery_list", table_name="webhook_delivery")
    op.drop_index(op.f("ix_webhook_delivery_idea_id"), table_name="webhook_delivery")
    op.drop_index("ix_webhook_delivery_created", table_name="webhook_delivery")
    op.drop_index(op.f("ix_webhook_delivery_comment_id"), table_name="webhook_delivery")
    op.drop_table("webhook_delivery")
    op.drop_index("ix_report_queue", table_name="report")
    op.drop_index(op.f("ix_report_idea_id"), table_name="report")
    op.drop_index(op.f("ix_report_decided_by_id"), table_name="report")
    op.drop_index(op.f("ix_report_comment_id"), table_name="report")
    op.drop_table("report")
    op.drop_index(op.f("ix_reaction_member_id"), table_name="reaction")
    op.drop_table("reaction")
    op.drop_index("ix_notification_list", table_name="notification")
    op.drop_index(op.f("ix_notification_idea_id"), table_name="notification")
    op.drop_index(
        "ix_notification_due",
        table_name="notification",
        sqlite_where=sa.text("mailed_at IS NULL"),
        postgresql_where=sa.text("mailed_at IS NULL"),
    )
    op.drop_index(op.f("ix_notification_comment_id"), table_name="notification")
    op.drop_index(op.f("ix_notification_actor_id"), table_name="notification")
    op.drop_table("notification")
    op.drop_index(op.f("ix_moderation_decision_idea_id"), table_name="moderation_decision")
    op.drop_index(op.f("ix_moderation_decision_comment_id"), table_name="moderation_decision")
    op.drop_index(op.f("ix_moderation_decision_actor_id"), table_name="moderation_decision")
    op.drop_table("moderation_decision")
    op.drop_index(op.f("ix_held_mail_member_id"), table_name="held_mail")
    op.drop_index(op.f("ix_held_mail_idea_id"), table_name="held_mail")
    op.drop_index(op.f("ix_held_mail_comment_id"), table_name="held_mail")
    op.drop_table("held_mail")
    op.drop_index(op.f("ix_comment_revision_comment_id"), table_name="comment_revision")
    op.drop_table("comment_revision")
    op.drop_index(op.f("ix_attachment_uploader_id"), table_name="attachment")
    op.drop_index(op.f("ix_attachment_idea_id"), table_name="attachment")
    op.drop_index(op.f("ix_attachment_comment_id"), table_name="attachment")
    op.drop_index(op.f("ix_attachment_amendment_id"), table_name="attachment")
    op.drop_table("attachment")
    op.drop_index("ix_support_member", table_name="support")
    op.drop_index(op.f("ix_support_entered_by_id"), table_name="support")
    op.drop_index(op.f("ix_support_adoption_id"), table_name="support")
    op.drop_table("support")
    op.drop_index(op.f("ix_revision_author_id"), table_name="revision")
    op.drop_index(op.f("ix_revision_amendment_id"), table_name="revision")
    op.drop_index(op.f("ix_revision_accepted_by_id"), table_name="revision")
    op.drop_table("revision")
    op.drop_table("reopening")
    op.drop_index("ix_recurrence_fixed", table_name="recurrence")
    op.drop_index(op.f("ix_recurrence_decided_by_id"), table_name="recurrence")
    op.drop_index(op.f("ix_recurrence_change_id"), table_name="recurrence")
    op.drop_table("recurrence")
    op.drop_index(op.f("ix_prevention_problem_id"), table_name="prevention")
    op.drop_index(op.f("ix_prevention_actor_id"), table_name="prevention")
    op.drop_table("prevention")
    op.drop_index(op.f("ix_merge_decline_member_id"), table_name="merge_decline")
    op.drop_index(op.f("ix_merge_decline_adoption_id"), table_name="merge_decline")
    op.drop_table("merge_decline")
    op.drop_index(op.f("ix_draft_writer_member_id"), table_name="draft_writer")
    op.drop_index(op.f("ix_draft_writer_by_id"), table_name="draft_writer")
    op.drop_table("draft_writer")
    op.drop_index(op.f("ix_draft_version_author_id"), table_name="draft_version")
    op.drop_table("draft_version")
    op.drop_index("ix_comment_thread", table_name="comment")
    op.drop_index(op.f("ix_comment_parent_id"), table_name="comment")
    op.drop_index("ix_comment_newest", table_name="comment")
    op.drop_index(op.f("ix_comment_author_id"), table_name="comment")
    op.drop_index(op.f("ix_comment_amendment_id"), table_name="comment")
    op.drop_table("comment")
    op.drop_table("amendment_wording")
    op.drop_index(op.f("ix_amendment_support_member_id"), table_name="amendment_support")
    op.drop_table("amendment_support")
    op.drop_index("ix_suggestion_queue", table_name="suggestion")
    op.drop_index(op.f("ix_suggestion_other_id"), table_name="suggestion")
    op.drop_index(op.f("ix_suggestion_member_id"), table_name="suggestion")
    op.drop_index(op.f("ix_suggestion_decided_by_id"), table_name="suggestion")
    op.drop_table("suggestion")
    op.drop_index("ix_status_change_moved", table_name="status_change")
    op.drop_index(op.f("ix_status_change_idea_id"), table_name="status_change")
    op.drop_index(op.f("ix_status_change_actor_id"), table_name="status_change")
    op.drop_table("status_change")
    op.drop_index(op.f("ix_split_answer_member_id"), table_name="split_answer")
    op.drop_table("split_answer")
    op.drop_index(op.f("ix_settlement_actor_id"), table_name="settlement")
    op.drop_table("settlement")
    op.drop_index(op.f("ix_search_change_changed_at"), table_name="search_change")
    op.drop_table("search_change")
    op.drop_index("ix_response_newest", table_name="response")
    op.drop_index("ix_response_idea", table_name="response")
    op.drop_index(op.f("ix_response_author_id"), table_name="response")
    op.drop_table("response")
    op.drop_index(op.f("ix_reproduction_member_id"), table_name="reproduction")
    op.drop_table("reproduction")
    op.drop_index(
        "uq_merge_standing",
        table_name="merge",
        sqlite_where=sa.text("undone_at IS NULL"),
        postgresql_where=sa.text("undone_at IS NULL"),
    )
    op.drop_index(op.f("ix_merge_undone_by_id"), table_name="merge")
    op.drop_index(op.f("ix_merge_target_id"), table_name="merge")
    op.drop_index(op.f("ix_merge_origin_id"), table_name="merge")
    op.drop_index(op.f("ix_merge_actor_id"), table_name="merge")
    op.drop_table("merge")
    op.drop_index("ix_mention_writer", table_name="mention")
    op.drop_index(op.f("ix_mention_member_id"), table_name="mention")
    op.drop_index(op.f("ix_mention_idea_id"), table_name="mention")
    op.drop_table("mention")
    op.drop_index(op.f("ix_ledger_entry_idea_id"), table_name="ledger_entry")
    op.drop_index(op.f("ix_ledger_entry_debit_account_id"), table_name="ledger_entry")
    op.drop_index(op.f("ix_ledger_entry_credit_account_id"), table_name="ledger_entry")
    op.drop_index(op.f("ix_ledger_entry_actor_id"), table_name="ledger_entry")
    op.drop_table("ledger_entry")
    op.drop_table("intake")
    op.drop_index(op.f("ix_idea_tag_tag_id"), table_name="idea_tag")
    op.drop_table("idea_tag")
    op.drop_index(op.f("ix_idea_link_to_id"), table_name="idea_link")
    op.drop_index(op.f("ix_idea_link_actor_id"), table_name="idea_link")
    op.drop_table("idea_link")
    op.drop_index(op.f("ix_follow_member_id"), table_name="follow")
    op.drop_table("follow")
    op.drop_index(op.f("ix_ended_choice_problem_id"), table_name="ended_choice")
    op.drop_index(op.f("ix_ended_choice_fix_id"), table_name="ended_choice")
    op.drop_index(op.f("ix_ended_choice_chosen_by_id"), table_name="ended_choice")
    op.drop_index(op.f("ix_ended_choice_actor_id"), table_name="ended_choice")
    op.drop_table("ended_choice")
    op.drop_index(op.f("ix_draft_owner_id"), table_name="draft")
    op.drop_index(op.f("ix_draft_idea_id"), table_name="draft")
    op.drop_index(op.f("ix_draft_changed_at"), table_name="draft")
    op.drop_index(op.f("ix_draft_board_id"), table_name="draft")
    op.drop_table("draft")
    op.drop_index(op.f("ix_contribution_fact_member_id"), table_name="contribution_fact")
    op.drop_table("contribution_fact")
    op.drop_index(op.f("ix_contribution_member_id"), table_name="contribution")
    op.drop_table("contribution")
    op.drop_index(op.f("ix_confirmation_member_id"), table_name="confirmation")
    op.drop_table("confirmation")
    op.drop_index(
        "uq_co_author_request_open",
        table_name="co_author_request",
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )
    op.drop_index(op.f("ix_co_author_request_member_id"), table_name="co_author_request")
    op.drop_index(op.f("ix_co_author_request_idea_id"), table_name="co_author_request")
    op.drop_index(op.f("ix_co_author_request_decided_by_id"), table_name="co_author_request")
    op.drop_index(op.f("ix_co_author_request_by_id"), table_name="co_author_request")
    op.drop_table("co_author_request")
    op.drop_index(op.f("ix_co_author_member_id"), table_name="co_author")
    op.drop_table("co_author")
    op.drop_index(op.f("ix_choice_problem_id"), table_name="choice")
    op.drop_index(op.f("ix_choice_actor_id"), table_name="choice")
    op.drop_table("choice")
    op.drop_index("ix_amendment_listed", table_name="amendment")
    op.drop_index(op.f("ix_amendment_decided_by_id"), table_name="amendment")
    op.drop_index(op.f("ix_amendment_became_id"), table_name="amendment")
    op.drop_index(op.f("ix_amendment_author_id"), table_name="amendment")
    op.drop_table("amendment")
    op.drop_index(op.f("ix_adoption_member_id"), table_name="adoption")
    op.drop_index(op.f("ix_adoption_idea_id"), table_name="adoption")
    op.drop_index(op.f("ix_adoption_former_author_id"), table_name="adoption")
    op.drop_table("adoption")
    op.drop_index(op.f("ix_webhook_board_board_id"), table_name="webhook_board")
    op.drop_table("webhook_board")
    op.drop_table("tally")
    op.drop_table("tag")
    op.drop_index(op.f("ix_invitation_invited_by_id"), table_name="invitation")
    op.drop_index(op.f("ix_invitation_email"), table_name="invitation")
    op.drop_index("ix_invitation_board", table_name="invitation")
    op.drop_index(op.f("ix_invitation_accepted_by_id"), table_name="invitation")
    op.drop_table("invitation")
    op.drop_index("ix_idea_waiting", table_name="idea")
    op.drop_index("ix_idea_trending", table_name="idea")
    op.drop_index("ix_idea_supported", table_name="idea")
    op.drop_index("ix_idea_shuffled", table_name="idea")
    op.drop_index("ix_idea_published", table_name="idea")
    op.drop_index(op.f("ix_idea_problem_id"), table_name="idea")
    op.drop_index("ix_idea_newest", table_name="idea")
    op.drop_index(op.f("ix_idea_merged_into_id"), table_name="idea")
    op.drop_index("ix_idea_last_answered", table_name="idea")
    op.drop_index("ix_idea_first_answered", table_name="idea")
    op.drop_index(op.f("ix_idea_entered_by_id"), table_name="idea")
    op.drop_index(op.f("ix_idea_author_id"), table_name="idea")
    op.drop_index(op.f("ix_idea_assignee_id"), table_name="idea")
    op.drop_index("ix_idea_answered", table_name="idea")
    op.drop_table("idea")
    op.drop_index(op.f("ix_board_segment_segment_id"), table_name="board_segment")
    op.drop_table("board_segment")
    op.drop_index(op.f("ix_board_role_via"), table_name="board_role")
    op.drop_index(op.f("ix_board_role_member_id"), table_name="board_role")
    op.drop_table("board_role")
    op.drop_table("board_field")
    op.drop_index(op.f("ix_webhook_made_by_id"), table_name="webhook")
    op.drop_table("webhook")
    op.drop_index(op.f("ix_sign_in_session_via"), table_name="sign_in_session")
    op.drop_index(op.f("ix_sign_in_session_member_id"), table_name="sign_in_session")
    op.drop_index(op.f("ix_sign_in_session_expires_at"), table_name="sign_in_session")
    op.drop_table("sign_in_session")
    op.drop_index(op.f("ix_segment_member_member_id"), table_name="segment_member")
    op.drop_table("segment_member")
    op.drop_table("passkey")
    op.drop_index(op.f("ix_one_time_link_member_id"), table_name="one_time_link")
    op.drop_index(op.f("ix_one_time_link_expires_at"), table_name="one_time_link")
    op.drop_index(op.f("ix_one_time_link_bundle"), table_name="one_time_link")
    op.drop_table("one_time_link")
    op.drop_table("notification_choice")
    op.drop_index(op.f("ix_identity_member_id"), table_name="identity")
    op.drop_table("identity")
    op.drop_table("feed_key")
    op.drop_index(op.f("ix_data_export_member_id"), table_name="data_export")
    op.drop_table("data_export")
    op.drop_table("board")
    op.drop_index("ix_audit_entry_member", table_name="audit_entry")
    op.drop_index(op.f("ix_audit_entry_actor_id"), table_name="audit_entry")
    op.drop_index(op.f("ix_audit_entry_act"), table_name="audit_entry")
    op.drop_table("audit_entry")
    op.drop_table("account")
    op.drop_index(op.f("ix_segment_rule_segment_id"), table_name="segment_rule")
    op.drop_table("segment_rule")
    op.drop_index(op.f("ix_member_organisation_id"), table_name="member")
    op.drop_index(op.f("ix_member_entered_by_id"), table_name="member")
    op.drop_table("member")
    op.drop_table("token_app")
    op.drop_index(op.f("ix_suppressed_address_refused_at"), table_name="suppressed_address")
    op.drop_table("suppressed_address")
    op.drop_table("submission")
    op.drop_table("status")
    op.drop_index(op.f("ix_spent_token_expires_at"), table_name="spent_token")
    op.drop_table("spent_token")
    op.drop_table("site")
    op.drop_table("segment")
    op.drop_table("provider")
    op.drop_index(op.f("ix_periodic_slot_slot"), table_name="periodic_slot")
    op.drop_table("periodic_slot")
    op.drop_index(
        "uq_outbox_held_lane",
        table_name="outbox",
        sqlite_where=sa.text("held_until IS NOT NULL AND lane > ''"),
        postgresql_where=sa.text("held_until IS NOT NULL AND lane > ''"),
    )
    op.drop_index(
        "ix_outbox_lane",
        table_name="outbox",
        sqlite_where=sa.text("state = 'pending' AND lane > ''"),
        postgresql_where=sa.text("state = 'pending' AND lane > ''"),
    )
    op.drop_index(
        "ix_outbox_due",
        table_name="outbox",
        sqlite_where=sa.text("state = 'pending' AND lane = ''"),
        postgresql_where=sa.text("state = 'pending' AND lane = ''"),
    )
    op.drop_index(
        "ix_outbox_done",
        table_name="outbox",
        sqlite_where=sa.text("state = 'done'"),
        postgresql_where=sa.text("state = 'done'"),
    )
    op.drop_index(
        "ix_outbox_dead",
        table_name="outbox",
        sqlite_where=sa.text("state = 'dead'"),
        postgresql_where=sa.text("state = 'dead'"),
    )
    op.drop_table("outbox")
    op.drop_table("organisation")
    op.drop_table("mail_count")
    op.drop_table("content_version")
    op.drop_index(op.f("ix_attempt_expires_at"), table_name="attempt")
    op.drop_table("attempt")
