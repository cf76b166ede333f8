"""What every column of every table is to a person, whose it is, and what erasing does to it.

The table is complete: a test walks all tables and refuses a column without a mark and a mark without a column.
Export and erasure are held against it, so whoever adds a column decides here what becomes of it.
"""

from collections.abc import Iterable, Iterator, Mapping

from ideas.privacy.marks import (
    Erasing,
    Marks,
    What,
    behaviour,
    columns,
    contact,
    content,
    identity,
    network,
    secret,
)

_GONE = Erasing.DELETE_ROW
_BLANK = Erasing.BLANK

REGISTRY: Mapping[str, Marks] = {
    "account": columns("id kind", behaviour("member_id balance", "member_id")),
    "adoption": columns(
        "id public_id idea_id carried_count carried_source",
        behaviour("created_at member_id", "member_id"),
        content("reason", "member_id"),
        behaviour("former_author_id", "former_author_id"),
        content("withdrawn_reason", "former_author_id"),
    ),
    "amendment": columns(
        "id base_revision state edit_count outdated_by support_count became_id reminded_at handed_over_at",
        behaviour("public_id created_at written_at idea_id author_id", "author_id"),
        content("title body reason", "author_id"),
        behaviour("decided_by_id decided_at", "decided_by_id"),
        content("decision_note", "decided_by_id", Erasing.KEEP),
    ),
    "amendment_support": columns("id wording", behaviour("created_at amendment_id member_id", "member_id", _GONE)),
    "amendment_wording": columns(
        "id number base_revision",
        behaviour("created_at amendment_id", "amendment_id.author_id"),
        content("title body reason", "amendment_id.author_id"),
    ),
    "attachment": columns(
        "id key small_key",
        behaviour("public_id created_at uploader_id", "uploader_id", _BLANK),
        content("name media_type size width height", "uploader_id", _BLANK),
        behaviour("idea_id comment_id amendment_id attached_at", "uploader_id"),
    ),
    # Hashes of names such as of an address; they end with their window, a day at most.
    "attempt": columns("count expires_at", behaviour("key", "*")),
    "audit_entry": columns(
        "id subject subject_id",
        behaviour("actor_id", "actor_id"),
        behaviour("created_at act member_id", "member_id"),
        identity("before after", "member_id"),
    ),
    "board": columns(
        "id created_at slug name purpose hue audience propose_level support_level comment_level degree promise_days",
        "note_after_supports cannot guidance position watch_days reopen_percent answered_count in_time_count source",
        "external_id",
        behaviour("owner_id", "owner_id", _BLANK),
        behaviour("deputy_id", "deputy_id", _BLANK),
    ),
    "board_field": columns(
        "id created_at board_id key label hint kind options is_required applies_to position retired_at"
    ),
    "board_role": columns("id", behaviour("created_at board_id member_id role via", "member_id", _GONE)),
    "board_segment": columns("board_id segment_id"),
    "co_author": columns("id", behaviour("created_at idea_id member_id", "member_id")),
    "choice": columns(
        "id fix_id problem_id",
        behaviour("created_at actor_id", "actor_id"),
        content("note", "actor_id", Erasing.KEEP),
    ),
    "co_author_request": columns(
        "id public_id direction state",
        behaviour("created_at idea_id member_id", "member_id", _GONE),
        behaviour("by_id", "by_id"),
        content("note", "by_id"),
        behaviour("decided_by_id decided_at", "decided_by_id"),
    ),
    "comment": columns(
        "id parent_id amendment_id hidden_reason thanks_count helpful_count same_here_count source external_id",
        behaviour("public_id created_at idea_id author_id audience is_official edited_at hidden_at", "author_id"),
        content("body body_html", "author_id"),
    ),
    "comment_revision": columns(
        "id comment_id",
        behaviour("created_at", "comment_id.author_id"),
        content("body", "comment_id.author_id"),
    ),
    "confirmation": columns(
        "id",
        behaviour("created_at problem_id member_id verdict", "member_id"),
        content("note version environment", "member_id"),
    ),
    "content_version": columns("place_id stripe number changed_at"),
    "contribution": columns("id", behaviour("created_at idea_id member_id kind points note", "member_id")),
    "contribution_fact": columns(
        "id subject subject_id",
        behaviour("idea_id member_id kind happened_at", "member_id"),
    ),
    "data_export": columns("id", behaviour("public_id created_at member_id ready_at", "member_id", _GONE)),
    # Drafts are seen by their writers alone: they go with the last of them.
    "draft": columns(
        "id idea_id published_at writer_count",
        behaviour("public_id created_at owner_id board_id kind number changed_at", "owner_id", _GONE),
        content("title body tags answers", "owner_id", _GONE),
    ),
    "draft_version": columns(
        "id draft_id number",
        behaviour("created_at saved_at author_id", "author_id", _GONE),
        content("title body", "author_id", _GONE),
    ),
    "draft_writer": columns(
        "id",
        behaviour("created_at draft_id member_id state joined_at", "member_id", _GONE),
        behaviour("by_id", "by_id", _BLANK),
    ),
    "ended_choice": columns(
        "id created_at fix_id problem_id",
        behaviour("chosen_at chosen_by_id", "chosen_by_id"),
        content("note", "chosen_by_id", Erasing.KEEP),
        behaviour("actor_id", "actor_id"),
        content("reason", "actor_id", Erasing.KEEP),
    ),
    "feed_key": columns(behaviour("member_id created_at used_on", "member_id", _GONE), secret("key_hash", "member_id")),
    "follow": columns("id", behaviour("created_at idea_id member_id reason muted_at", "member_id", _GONE)),
    "held_mail": columns(
        "id public_id reason",
        behaviour("created_at member_id idea_id comment_id", "member_id", _GONE),
        content("body", "member_id", _GONE),
    ),
    "idea": columns(
        "id status_id category problem_id is_temporary chosen_at is_listed hidden_reason locked_at support_count",
        "carried_count carried_source comment_count response_count fix_count fixed_count not_fixed_count",
        "revision_count first_response_at last_response_at trend shuffle source external_id merged_into_id",
        "origin_count co_author_count open_amendment_count edited_after_supports meaning_changed_at",
        content("title body body_html excerpt withdrawn_reason", "author_id"),
        behaviour("public_id board_id kind author_id published_at edited_at hidden_at withdrawn_at", "author_id"),
        behaviour("entered_via entered_from", "author_id", _BLANK),
        behaviour("assignee_id", "assignee_id", _BLANK),
        behaviour("entered_by_id", "entered_by_id"),
    ),
    "idea_link": columns("id public_id from_id to_id kind", behaviour("created_at actor_id", "actor_id")),
    "idea_tag": columns("idea_id tag_id"),
    "identity": columns("id", identity("created_at member_id issuer subject kind_before", "member_id", _GONE)),
    "intake": columns(
        behaviour("idea_id", "idea_id.author_id"),
        content("since version environment answers", "idea_id.author_id"),
    ),
    "invitation": columns(
        "id public_id",
        contact("board_id email created_at expires_at accepted_at revoked_at", "@email"),
        secret("token_hash", "@email"),
        behaviour("invited_by_id", "invited_by_id"),
        behaviour("accepted_by_id", "accepted_by_id", _GONE),
    ),
    "ledger_entry": columns(
        "id key debit_account_id note",
        behaviour("credit_account_id amount idea_id created_at", "credit_account_id.member_id"),
        behaviour("actor_id", "actor_id"),
    ),
    "mail_count": columns("day outcome count"),
    "member": columns(
        "id",
        identity("public_id name handle bio source external_id organisation_id", "id"),
        contact("email us_phone_number", "id", _BLANK),
        behaviour("language wants_mail unread_count active confirmed_at", "id", _BLANK),
        behaviour("created_at kind erased_at", "id"),
        behaviour("entered_by_id", "entered_by_id"),
        behaviour("is_admin tf_primary_method", "id", _BLANK),
        secret("password fs_uniquifier us_totp_secrets tf_totp_secret mf_recovery_codes", "id", _BLANK),
        secret("fs_webauthn_user_handle tf_counter code_tries", "id", _BLANK),
    ),
    "mention": columns(
        "id subject subject_id",
        behaviour("created_at idea_id member_id", "member_id", _GONE),
        identity("handle", "member_id", _GONE),
        behaviour("writer_id", "writer_id"),
    ),
    "merge_decline": columns("id adoption_id", behaviour("created_at merge_id member_id", "member_id", _GONE)),
    "moderation_decision": columns(
        "id action idea_id comment_id",
        behaviour("created_at actor_id", "actor_id"),
        content("reason", "actor_id", Erasing.KEEP),
    ),
    "notification": columns(
        "id key comment_id",
        behaviour("created_at member_id kind channel reason idea_id read_at mailed_at", "member_id", _GONE),
        behaviour("actor_id", "actor_id"),
    ),
    "merge": columns(
        "id public_id origin_id target_id",
        behaviour("created_at actor_id", "actor_id"),
        content("reason", "actor_id", Erasing.KEEP),
        behaviour("undone_at undone_by_id", "undone_by_id"),
        content("undone_reason", "undone_by_id", Erasing.KEEP),
    ),
    "notification_choice": columns(behaviour("member_id kind channel", "member_id", _GONE)),
    "one_time_link": columns(
        "id",
        behaviour("created_at purpose expires_at member_id used_at", "member_id", _GONE),
        contact("email", "member_id"),
        secret("token_hash bundle", "member_id"),
    ),
    "organisation": columns("id created_at name plan annual_value currency attributes source external_id"),
    "outbox": columns(
        "id created_at job lane available_at state attempts tries held_until done_at",
        contact("payload", "*"),
        contact("key", "*"),
        contact("reason", "*"),
        contact("last_error", "*"),
    ),
    "passkey": columns(
        "id",
        secret("credential_id public_key sign_count is_backed_up", "user_id"),
        behaviour("user_id name transports created_at used_at", "user_id", _GONE),
    ),
    "periodic_slot": columns("name slot"),
    "prevention": columns(
        "id public_id problem_id change_id",
        behaviour("created_at actor_id", "actor_id"),
        content("text", "actor_id", Erasing.KEEP),
    ),
    "provider": columns(
        "id created_at slug name issuer client_id sealed_secret domains groups_claim groups staff_groups board_roles",
        "organisation_claim organisations creates_members is_active",
    ),
    "reaction": columns("id", behaviour("created_at comment_id member_id kind", "member_id")),
    "recurrence": columns(
        "id public_id created_at problem_id fixed_id change_id state",
        behaviour("decided_by_id decided_at", "decided_by_id"),
        content("note", "decided_by_id", Erasing.KEEP),
    ),
    "reopening": columns("id change_id not_fixed_count word_count", content("note", "change_id.actor_id")),
    "report": columns(
        "id subject comment_id",
        behaviour("public_id created_at idea_id reporter_id reason state", "reporter_id"),
        content("text", "reporter_id"),
        behaviour("decided_by_id decided_at", "decided_by_id"),
    ),
    "reproduction": columns(
        "id",
        behaviour("public_id created_at problem_id member_id", "member_id"),
        content("steps version environment", "member_id"),
    ),
    "response": columns(
        "id from_status_id to_status_id decline_reason review_on source external_id",
        behaviour("public_id created_at idea_id author_id", "author_id"),
        content("body body_html would_change", "author_id", Erasing.KEEP),
    ),
    "revision": columns(
        "id idea_id number support_count changes_meaning amendment_id",
        behaviour("accepted_by_id", "accepted_by_id"),
        content("title body", "idea_id.author_id"),
        behaviour("kind author_id created_at", "author_id"),
        content("note", "author_id"),
    ),
    "search_change": columns("idea_id changed_at"),
    "segment": columns("id created_at slug name description combination member_count"),
    "segment_member": columns(behaviour("created_at segment_id member_id is_by_hand", "member_id", _GONE)),
    "segment_rule": columns("id segment_id attribute comparison value"),
    "settlement": columns("id idea_id rule_version", behaviour("created_at actor_id", "actor_id")),
    "sign_in_session": columns(
        secret("id data must_rotate", "member_id"),
        behaviour("public_id created_at member_id expires_at seen_at is_lasting via", "member_id", _GONE),
        network("address browser", "member_id"),
    ),
    "site": columns("id public_id name tagline footer hue registration domains staff_need_second_factor"),
    "spent_token": columns("issuer jti expires_at"),
    "split_answer": columns("id", behaviour("created_at part_id member_id choice", "member_id", _GONE)),
    "status": columns("id slug name category meaning owes_answer position is_initial"),
    "status_change": columns(
        "id idea_id from_status_id to_status_id cause", behaviour("created_at actor_id", "actor_id")
    ),
    "submission": columns("created_at", behaviour("key location", "*", _GONE)),
    "suggestion": columns(
        "id",
        behaviour("public_id created_at idea_id other_id member_id wanted state", "member_id"),
        content("text", "member_id"),
        behaviour("decided_by_id decided_at", "decided_by_id"),
        content("decision_note", "decided_by_id", Erasing.KEEP),
    ),
    "support": columns(
        "id adoption_id",
        behaviour("created_at idea_id member_id strength source quarantined_at kept_at", "member_id", _GONE),
        behaviour("entered_via entered_from", "member_id", _GONE),
        content("need since version environment answers", "member_id", _GONE),
        behaviour("entered_by_id", "entered_by_id"),
    ),
    "suppressed_address": columns("id created_at refused_at times", contact("address reason", "@address")),
    "tag": columns("id board_id slug name idea_count"),
    "tally": columns("board_id kind status_id idea_count"),
    "token_app": columns(
        "id created_at slug name issuer algorithm sealed_key sealed_former_key former_key_until is_active"
    ),
    "webhook": columns(
        "id public_id created_at name sealed_url host sealed_secret sealed_former_secret former_secret_until format",
        "events is_for_all_boards state failing_since failure_count rests_until disabled_at stop_reason",
        behaviour("made_by_id", "made_by_id"),
    ),
    "webhook_board": columns("webhook_id board_id audience"),
    "webhook_delivery": columns(
        "id public_id created_at webhook_id event idea_id comment_id subject_id hop state tries tried_at duration_ms",
        "status_code error next_try_at signature",
        # Names who wrote what it tells; kept for a month.
        identity("payload", "*"),
    ),
}


def wrong_marks(tables: Mapping[str, Iterable[str]], marks: Mapping[str, Marks] = REGISTRY) -> list[str]:
    """Return what is missing or stale, as sentences; empty where every column of `tables` bears one mark."""
    present = {f"{table}.{column}" for table, names in tables.items() for column in names}
    marked = {f"{table}.{column}" for table, names in marks.items() for column in names}
    missing = [f"{name} bears no mark" for name in sorted(present - marked)]
    return missing + [f"{name} is marked, but does not exist" for name in sorted(marked - present)]


def own_columns(what: frozenset[What]) -> Iterator[tuple[str, str, list[str]]]:
    """Yield table, way to the member, and the columns of the given sorts that belong to them by that way."""
    for table, marks in REGISTRY.items():
        ways: dict[str, list[str]] = {}
        for column, mark in marks.items():
            if mark.what in what and mark.whose not in {"", "*"}:
                ways.setdefault(mark.whose, []).append(column)
        for whose, names in ways.items():
            yield table, whose, names
