"""What every column of every table is to a person, whose it is, and what erasing does to it.

The table is complete: a test walks all tables and refuses a column without a mark and a mark without a column.
Export and erasure are held against it, so whoever adds a column decides here what becomes of it.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum


class What(StrEnum):
    """What a column is to a person."""

    NONE = "none"
    IDENTITY = "identity"
    CONTACT = "contact"
    CONTENT = "content"
    BEHAVIOUR = "behaviour"
    SECRET = "secret"  # noqa: S105 - a word, not a password
    NETWORK = "network"


class Erasing(StrEnum):
    """What erasing does to a column."""

    KEEP = "keep"
    #: Emptied, or filled with something that says nothing.
    BLANK = "blank"
    #: Stays under the pseudonym, or is emptied where the person wants their content removed.
    PSEUDONYM = "pseudonym"
    DELETE_ROW = "delete row"


@dataclass(frozen=True, slots=True)
class Mark:
    """What is said of one column.

    `whose` leads from its row to the member: "author_id" holds their key, "comment_id.author_id" goes by another
    row, "@email" holds their address, "*" has it somewhere inside a text; "" is nobody's.
    """

    what: What
    whose: str = ""
    erasing: Erasing = Erasing.KEEP


Marks = Mapping[str, Mark]

_NOTHING = Mark(What.NONE)


def _columns(*groups: Marks | str) -> Marks:
    """Return the marks of one table; plain text names columns that are nothing to anybody."""
    found: dict[str, Mark] = {}
    for group in groups:
        found.update(dict.fromkeys(group.split(), _NOTHING) if isinstance(group, str) else group)
    return found


def _marked(what: What, names: str, whose: str, erasing: Erasing) -> Marks:
    return dict.fromkeys(names.split(), Mark(what, whose, erasing))


def _identity(names: str, whose: str, erasing: Erasing = Erasing.BLANK) -> Marks:
    return _marked(What.IDENTITY, names, whose, erasing)


def _contact(names: str, whose: str, erasing: Erasing = Erasing.DELETE_ROW) -> Marks:
    return _marked(What.CONTACT, names, whose, erasing)


def _content(names: str, whose: str, erasing: Erasing = Erasing.PSEUDONYM) -> Marks:
    return _marked(What.CONTENT, names, whose, erasing)


def _behaviour(names: str, whose: str, erasing: Erasing = Erasing.KEEP) -> Marks:
    return _marked(What.BEHAVIOUR, names, whose, erasing)


def _secret(names: str, whose: str, erasing: Erasing = Erasing.DELETE_ROW) -> Marks:
    return _marked(What.SECRET, names, whose, erasing)


def _network(names: str, whose: str, erasing: Erasing = Erasing.DELETE_ROW) -> Marks:
    return _marked(What.NETWORK, names, whose, erasing)


_GONE = Erasing.DELETE_ROW
_BLANK = Erasing.BLANK

REGISTRY: Mapping[str, Marks] = {
    "account": _columns("id kind", _behaviour("member_id balance", "member_id")),
    "adoption": _columns(
        "id public_id idea_id carried_count carried_source",
        _behaviour("created_at member_id", "member_id"),
        _content("reason", "member_id"),
        _behaviour("former_author_id", "former_author_id"),
        _content("withdrawn_reason", "former_author_id"),
    ),
    # Hashes of names such as of an address; they end with their window, a day at most.
    "amendment": _columns(
        "id base_revision state edit_count outdated_by support_count became_id reminded_at handed_over_at",
        _behaviour("public_id created_at written_at idea_id author_id", "author_id"),
        _content("title body reason", "author_id"),
        _behaviour("decided_by_id decided_at", "decided_by_id"),
        _content("decision_note", "decided_by_id", Erasing.KEEP),
    ),
    "amendment_support": _columns("id wording", _behaviour("created_at amendment_id member_id", "member_id", _GONE)),
    "amendment_wording": _columns(
        "id number base_revision",
        _behaviour("created_at amendment_id", "amendment_id.author_id"),
        _content("title body reason", "amendment_id.author_id"),
    ),
    "attachment": _columns(
        "id key small_key",
        _behaviour("public_id created_at uploader_id", "uploader_id", _BLANK),
        _content("name media_type size width height", "uploader_id", _BLANK),
        _behaviour("idea_id comment_id amendment_id attached_at", "uploader_id"),
    ),
    "attempt": _columns("count expires_at", _behaviour("key", "*")),
    "audit_entry": _columns(
        "id subject subject_id",
        _behaviour("actor_id", "actor_id"),
        _behaviour("created_at act member_id", "member_id"),
        _identity("before after", "member_id"),
    ),
    "board": _columns(
        "id created_at slug name purpose hue audience propose_level support_level comment_level degree promise_days",
        "note_after_supports",
        "cannot guidance position watch_days reopen_percent answered_count in_time_count source external_id",
        _behaviour("owner_id", "owner_id", _BLANK),
        _behaviour("deputy_id", "deputy_id", _BLANK),
    ),
    "board_field": _columns(
        "id created_at board_id key label hint kind options is_required applies_to position retired_at"
    ),
    "board_role": _columns("id", _behaviour("created_at board_id member_id role via", "member_id", _GONE)),
    "board_segment": _columns("board_id segment_id"),
    "co_author": _columns("id", _behaviour("created_at idea_id member_id", "member_id")),
    "choice": _columns(
        "id fix_id problem_id",
        _behaviour("created_at actor_id", "actor_id"),
        _content("note", "actor_id", Erasing.KEEP),
    ),
    "co_author_request": _columns(
        "id public_id direction state",
        _behaviour("created_at idea_id member_id", "member_id", _GONE),
        _behaviour("by_id", "by_id"),
        _content("note", "by_id"),
        _behaviour("decided_by_id decided_at", "decided_by_id"),
    ),
    "comment": _columns(
        "id parent_id amendment_id hidden_reason thanks_count helpful_count same_here_count source external_id",
        _behaviour("public_id created_at idea_id author_id audience is_official edited_at hidden_at", "author_id"),
        _content("body body_html", "author_id"),
    ),
    "comment_revision": _columns(
        "id comment_id",
        _behaviour("created_at", "comment_id.author_id"),
        _content("body", "comment_id.author_id"),
    ),
    "confirmation": _columns(
        "id",
        _behaviour("created_at problem_id member_id verdict", "member_id"),
        _content("note version environment", "member_id"),
    ),
    "content_version": _columns("place_id stripe number changed_at"),
    "contribution": _columns(
        "id",
        _behaviour("created_at idea_id member_id kind points note", "member_id"),
    ),
    "contribution_fact": _columns(
        "id subject subject_id",
        _behaviour("idea_id member_id kind happened_at", "member_id"),
    ),
    "data_export": _columns("id", _behaviour("public_id created_at member_id ready_at", "member_id", _GONE)),
    # Drafts are seen by their writers alone: they go with the last of them.
    "draft": _columns(
        "id idea_id published_at writer_count",
        _behaviour("public_id created_at owner_id board_id kind number changed_at", "owner_id", _GONE),
        _content("title body tags answers", "owner_id", _GONE),
    ),
    "draft_version": _columns(
        "id draft_id number",
        _behaviour("created_at saved_at author_id", "author_id", _GONE),
        _content("title body", "author_id", _GONE),
    ),
    "draft_writer": _columns(
        "id",
        _behaviour("created_at draft_id member_id state joined_at", "member_id", _GONE),
        _behaviour("by_id", "by_id", _BLANK),
    ),
    "ended_choice": _columns(
        "id created_at fix_id problem_id",
        _behaviour("chosen_at chosen_by_id", "chosen_by_id"),
        _content("note", "chosen_by_id", Erasing.KEEP),
        _behaviour("actor_id", "actor_id"),
        _content("reason", "actor_id", Erasing.KEEP),
    ),
    "feed_key": _columns(
        _behaviour("member_id created_at used_on", "member_id", _GONE), _secret("key_hash", "member_id")
    ),
    "follow": _columns("id", _behaviour("created_at idea_id member_id reason muted_at", "member_id", _GONE)),
    "held_mail": _columns(
        "id public_id reason",
        _behaviour("created_at member_id idea_id comment_id", "member_id", _GONE),
        _content("body", "member_id", _GONE),
    ),
    "idea": _columns(
        "id status_id category problem_id is_temporary chosen_at is_listed hidden_reason locked_at support_count",
        "carried_count carried_source comment_count response_count fix_count fixed_count not_fixed_count",
        "revision_count first_response_at last_response_at trend shuffle source external_id",
        "merged_into_id origin_count co_author_count open_amendment_count",
        "edited_after_supports meaning_changed_at",
        _content("title body body_html excerpt withdrawn_reason", "author_id"),
        _behaviour("public_id board_id kind author_id published_at edited_at hidden_at withdrawn_at", "author_id"),
        _behaviour("entered_via entered_from", "author_id", _BLANK),
        _behaviour("assignee_id", "assignee_id", _BLANK),
        _behaviour("entered_by_id", "entered_by_id"),
    ),
    "idea_link": _columns("id public_id from_id to_id kind", _behaviour("created_at actor_id", "actor_id")),
    "idea_tag": _columns("idea_id tag_id"),
    "identity": _columns("id", _identity("created_at member_id issuer subject kind_before", "member_id", _GONE)),
    "intake": _columns(
        _behaviour("idea_id", "idea_id.author_id"),
        _content("since version environment answers", "idea_id.author_id"),
    ),
    "invitation": _columns(
        "id public_id",
        _contact("board_id email created_at expires_at accepted_at revoked_at", "@email"),
        _secret("token_hash", "@email"),
        _behaviour("invited_by_id", "invited_by_id"),
        _behaviour("accepted_by_id", "accepted_by_id", _GONE),
    ),
    "ledger_entry": _columns(
        "id key debit_account_id note",
        _behaviour("credit_account_id amount idea_id created_at", "credit_account_id.member_id"),
        _behaviour("actor_id", "actor_id"),
    ),
    "mail_count": _columns("day outcome count"),
    "member": _columns(
        "id",
        _identity("public_id name handle bio source external_id organisation_id", "id"),
        _contact("email us_phone_number", "id", _BLANK),
        _behaviour("language wants_mail unread_count active confirmed_at", "id", _BLANK),
        _behaviour("created_at kind erased_at", "id"),
        _behaviour("entered_by_id", "entered_by_id"),
        _behaviour("is_admin tf_primary_method", "id", _BLANK),
        _secret("password fs_uniquifier us_totp_secrets tf_totp_secret mf_recovery_codes", "id", _BLANK),
        _secret("fs_webauthn_user_handle tf_counter code_tries", "id", _BLANK),
    ),
    "mention": _columns(
        "id subject subject_id",
        _behaviour("created_at idea_id member_id", "member_id", _GONE),
        _identity("handle", "member_id", _GONE),
        _behaviour("writer_id", "writer_id"),
    ),
    "merge_decline": _columns("id adoption_id", _behaviour("created_at merge_id member_id", "member_id", _GONE)),
    "moderation_decision": _columns(
        "id action idea_id comment_id",
        _behaviour("created_at actor_id", "actor_id"),
        _content("reason", "actor_id", Erasing.KEEP),
    ),
    "notification": _columns(
        "id key comment_id",
        _behaviour("created_at member_id kind channel reason idea_id read_at mailed_at", "member_id", _GONE),
        _behaviour("actor_id", "actor_id"),
    ),
    "merge": _columns(
        "id public_id origin_id target_id",
        _behaviour("created_at actor_id", "actor_id"),
        _content("reason", "actor_id", Erasing.KEEP),
        _behaviour("undone_at undone_by_id", "undone_by_id"),
        _content("undone_reason", "undone_by_id", Erasing.KEEP),
    ),
    "notification_choice": _columns(_behaviour("member_id kind channel", "member_id", _GONE)),
    "one_time_link": _columns(
        "id",
        _behaviour("created_at purpose expires_at member_id used_at", "member_id", _GONE),
        _contact("email", "member_id"),
        _secret("token_hash bundle", "member_id"),
    ),
    "organisation": _columns("id created_at name plan annual_value currency attributes source external_id"),
    "outbox": _columns(
        "id created_at job lane available_at state attempts tries held_until done_at",
        _contact("payload", "*"),
        _contact("key", "*"),
        _contact("reason", "*"),
        _contact("last_error", "*"),
    ),
    "passkey": _columns(
        "id",
        _secret("credential_id public_key sign_count is_backed_up", "user_id"),
        _behaviour("user_id name transports created_at used_at", "user_id", _GONE),
    ),
    "periodic_slot": _columns("name slot"),
    "prevention": _columns(
        "id public_id problem_id change_id",
        _behaviour("created_at actor_id", "actor_id"),
        _content("text", "actor_id", Erasing.KEEP),
    ),
    "provider": _columns(
        "id created_at slug name issuer client_id sealed_secret domains groups_claim groups staff_groups board_roles",
        "organisation_claim organisations creates_members is_active",
    ),
    "reaction": _columns("id", _behaviour("created_at comment_id member_id kind", "member_id")),
    "recurrence": _columns(
        "id public_id created_at problem_id fixed_id change_id state",
        _behaviour("decided_by_id decided_at", "decided_by_id"),
        _content("note", "decided_by_id", Erasing.KEEP),
    ),
    "reopening": _columns("id change_id not_fixed_count word_count", _content("note", "change_id.actor_id")),
    "report": _columns(
        "id subject comment_id",
        _behaviour("public_id created_at idea_id reporter_id reason state", "reporter_id"),
        _content("text", "reporter_id"),
        _behaviour("decided_by_id decided_at", "decided_by_id"),
    ),
    "reproduction": _columns(
        "id",
        _behaviour("public_id created_at problem_id member_id", "member_id"),
        _content("steps version environment", "member_id"),
    ),
    "response": _columns(
        "id from_status_id to_status_id decline_reason review_on source external_id",
        _behaviour("public_id created_at idea_id author_id", "author_id"),
        _content("body body_html would_change", "author_id", Erasing.KEEP),
    ),
    "revision": _columns(
        "id idea_id number support_count changes_meaning amendment_id",
        _behaviour("accepted_by_id", "accepted_by_id"),
        _content("title body", "idea_id.author_id"),
        _behaviour("kind author_id created_at", "author_id"),
        _content("note", "author_id"),
    ),
    "search_change": _columns("idea_id changed_at"),
    "segment": _columns("id created_at slug name description combination member_count"),
    "segment_member": _columns(_behaviour("created_at segment_id member_id is_by_hand", "member_id", _GONE)),
    "segment_rule": _columns("id segment_id attribute comparison value"),
    "settlement": _columns("id idea_id rule_version", _behaviour("created_at actor_id", "actor_id")),
    "sign_in_session": _columns(
        _secret("id data must_rotate", "member_id"),
        _behaviour("public_id created_at member_id expires_at seen_at is_lasting via", "member_id", _GONE),
        _network("address browser", "member_id"),
    ),
    "site": _columns("id public_id name tagline footer hue registration domains staff_need_second_factor"),
    "spent_token": _columns("issuer jti expires_at"),
    "split_answer": _columns("id", _behaviour("created_at part_id member_id choice", "member_id", _GONE)),
    "status": _columns("id slug name category meaning owes_answer position is_initial"),
    "status_change": _columns(
        "id idea_id from_status_id to_status_id cause", _behaviour("created_at actor_id", "actor_id")
    ),
    "submission": _columns("created_at", _behaviour("key location", "*", _GONE)),
    "suggestion": _columns(
        "id",
        _behaviour("public_id created_at idea_id other_id member_id wanted state", "member_id"),
        _content("text", "member_id"),
        _behaviour("decided_by_id decided_at", "decided_by_id"),
        _content("decision_note", "decided_by_id", Erasing.KEEP),
    ),
    "support": _columns(
        "id adoption_id",
        _behaviour("created_at idea_id member_id strength source quarantined_at kept_at", "member_id", _GONE),
        _behaviour("entered_via entered_from", "member_id", _GONE),
        _content("need since version environment answers", "member_id", _GONE),
        _behaviour("entered_by_id", "entered_by_id"),
    ),
    "suppressed_address": _columns("id created_at refused_at times", _contact("address reason", "@address")),
    "tag": _columns("id board_id slug name idea_count"),
    "tally": _columns("board_id kind status_id idea_count"),
    "token_app": _columns(
        "id created_at slug name issuer algorithm sealed_key sealed_former_key former_key_until is_active"
    ),
    "webhook": _columns(
        "id public_id created_at name sealed_url host sealed_secret sealed_former_secret former_secret_until format",
        "events is_for_all_boards state failing_since failure_count rests_until disabled_at stop_reason",
        _behaviour("made_by_id", "made_by_id"),
    ),
    "webhook_board": _columns("webhook_id board_id audience"),
    "webhook_delivery": _columns(
        "id public_id created_at webhook_id event idea_id comment_id subject_id hop state tries tried_at duration_ms",
        "status_code error next_try_at signature",
        # Names who wrote what it tells; kept for a month.
        _identity("payload", "*"),
    ),
}


def wrong_marks(tables: Mapping[str, Iterable[str]], marks: Mapping[str, Marks] = REGISTRY) -> list[str]:
    """Return what is missing or stale, as sentences; empty where every column of `tables` bears one mark."""
    columns = {f"{table}.{column}" for table, names in tables.items() for column in names}
    marked = {f"{table}.{column}" for table, names in marks.items() for column in names}
    missing = [f"{name} bears no mark" for name in sorted(columns - marked)]
    return missing + [f"{name} is marked, but does not exist" for name in sorted(marked - columns)]


def own_columns(what: frozenset[What]) -> Iterator[tuple[str, str, list[str]]]:
    """Yield table, way to the member, and the columns of the given sorts that belong to them by that way."""
    for table, marks in REGISTRY.items():
        ways: dict[str, list[str]] = {}
        for column, mark in marks.items():
            if mark.what in what and mark.whose not in {"", "*"}:
                ways.setdefault(mark.whose, []).append(column)
        for whose, columns in ways.items():
            yield table, whose, columns
