"""Segments: the list, adding one, changing one and who is in it by hand. Rules are rows of a form without script."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import flash, make_response, render_template, request, url_for
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug import Response

from ideas.accounts.directory import get_entry
from ideas.accounts.membership import how_many_fit
from ideas.accounts.models import Combination, Comparison, Segment
from ideas.accounts.rules import ATTRIBUTES
from ideas.accounts.segments import (
    RULES_MAX,
    InSegment,
    RuleDraft,
    SegmentDraft,
    change_segment,
    check_combination,
    check_rules,
    draft_of,
    get_segment,
    list_in_segment,
    list_segments,
    open_segment,
    put_by_hand,
    take_out_by_hand,
)
from ideas.core.db import transaction
from ideas.core.errors import Invalid, NotFound
from ideas.core.fields import Fields
from ideas.web import htmx
from ideas.web.admin.door import bp
from ideas.web.forms.fields import typed
from ideas.web.forms.refusals import texts_of
from ideas.web.once import made_once, new_nonce
from ideas.web.viewer import actor

#: Rows for rules on a fresh form.
ROWS = 3
PARTS = ("attribute", "comparison", "value")
FIELDS = ("name", "description", "combination", "action", *(f"{part}_{n}" for n in range(RULES_MAX) for part in PARTS))
BLANK = SegmentDraft(name="")
COMPARISON_WORDS: Mapping[Comparison, LazyString] = {
    Comparison.IS: _l("is"),
    Comparison.IS_NOT: _l("is not"),
    Comparison.CONTAINS: _l("contains"),
    Comparison.AT_LEAST: _l("is at least"),
    Comparison.AT_MOST: _l("is at most"),
}
COMBINATION_WORDS: Mapping[Combination, LazyString] = {
    Combination.ALL: _l("All of them hold"),
    Combination.ANY: _l("Any of them holds"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a form is drawn with beside what was typed."""

    rows: int = ROWS
    fitting: int | None = None
    handle: str = ""
    nonce: str = ""
    errors: Mapping[str, str] | None = None
    status: int = 200


@bp.get("/admin/segments")
def segments() -> str:
    """List all segments."""
    return render_template("admin/segments.html", segments=list_segments(actor()))


@bp.route("/admin/segments/new", methods=["GET", "POST"])
def new_segment() -> Response:
    """Add a segment; or one more row for a rule; or say how many the rules would choose."""
    if request.method == "GET":
        return _page(BLANK, None, Answer(nonce=new_nonce()))
    nonce = request.form.get("nonce", "")
    draft, rows, action = _read()
    try:
        if action:
            return _page(draft, None, _tried(draft, rows, action, nonce=nonce))
        location = _open(draft, nonce)
    except Invalid as refused:
        return _page(draft, None, Answer(rows=rows, nonce=nonce, errors=texts_of(refused), status=422))
    flash(_("The segment is added."))
    return htmx.go(location)


@bp.route("/admin/segments/<slug>/edit", methods=["GET", "POST"])
def edit_segment(slug: str) -> Response:
    """Change a segment; or add a row; or say how many the rules would choose."""
    segment = get_segment(actor(), slug)
    if request.method == "GET":
        return _page(draft_of(segment), segment, Answer())
    draft, rows, action = _read()
    try:
        if action:
            return _page(draft, segment, _tried(draft, rows, action))
        with transaction():
            change_segment(actor(), get_segment(actor(), slug), draft)
    except Invalid as refused:
        answer = Answer(rows=rows, errors=texts_of(refused), status=422)
        return _page(draft, get_segment(actor(), slug), answer)
    flash(_("The segment is changed."))
    return htmx.go(url_for("admin.edit_segment", slug=slug))


@bp.post("/admin/segments/<slug>/members")
def add_to_segment(slug: str) -> Response:
    """Put a member into a segment by hand."""
    segment = get_segment(actor(), slug)
    sent = typed(request.form, "handle")
    try:
        _put(slug, sent["handle"])
    except Invalid as refused:
        answer = Answer(handle=sent["handle"], errors=texts_of(refused), status=422)
        return _page(draft_of(segment), segment, answer)
    flash(_("They are in."))
    return htmx.go(url_for("admin.edit_segment", slug=slug))


@bp.post("/admin/segments/<slug>/members/remove")
def remove_from_segment(slug: str) -> Response:
    """Undo that a member was put in by hand."""
    get_segment(actor(), slug)
    sent = typed(request.form, "handle")
    with transaction():
        take_out_by_hand(actor(), get_segment(actor(), slug), get_entry(actor(), _handle_of(sent["handle"])))
    flash(_("They are in only as far as the rules say."))
    return htmx.go(url_for("admin.edit_segment", slug=slug))


def _read() -> tuple[SegmentDraft, int, str]:
    """Return what was typed, how many rows the form had, and what is wanted; empty: to save it."""
    sent = typed(request.form, *FIELDS)
    if sent["action"] not in {"", "save", "add", "preview"}:
        raise Invalid({"action": _l("This form has no such field.")})
    rules = [
        RuleDraft(
            attribute=sent[f"attribute_{n}"],
            comparison=sent[f"comparison_{n}"] or Comparison.IS,
            value=sent[f"value_{n}"],
        )
        for n in range(RULES_MAX)
    ]
    drawn = sum(f"attribute_{n}" in request.form for n in range(RULES_MAX))
    draft = SegmentDraft(
        name=sent["name"],
        description=sent["description"],
        combination=sent["combination"] or Combination.ALL,
        rules=[rule for rule in rules if rule.attribute or rule.value],
    )
    return draft, max(drawn, ROWS), sent["action"].replace("save", "")


def _tried(draft: SegmentDraft, rows: int, action: str, *, nonce: str = "") -> Answer:
    """Return the answer that saves nothing: with a row more, or with how many fit. Raises Invalid."""
    if action == "add":
        return Answer(rows=min(rows + 1, RULES_MAX), nonce=nonce)
    fields = Fields()
    combination = check_combination(fields, draft.combination)
    rules = check_rules(fields, draft.rules)
    fields.done()
    return Answer(rows=rows, nonce=nonce, fitting=how_many_fit(rules, combination))


def _open(draft: SegmentDraft, nonce: str) -> str:
    def make() -> str:
        return url_for("admin.edit_segment", slug=open_segment(actor(), draft).slug)

    return made_once(actor(), nonce, make)


def _put(slug: str, typed_handle: str) -> None:
    try:
        with transaction():
            put_by_hand(actor(), get_segment(actor(), slug), get_entry(actor(), _handle_of(typed_handle)))
    except NotFound:
        raise Invalid({"handle": _l("Nobody here has this handle.")}) from None


def _handle_of(text: str) -> str:
    checked = Fields()
    handle = checked.line("handle", text.strip().lstrip("@"), most=100)
    checked.done()
    return handle


def _page(draft: SegmentDraft, segment: Segment | None, answer: Answer) -> Response:
    people: Sequence[InSegment] = ()
    following = None
    if segment is not None:
        page = list_in_segment(actor(), segment, after=request.args.get("after"))
        people = page.items
        if page.next_cursor:
            following = url_for("admin.edit_segment", slug=segment.slug, after=page.next_cursor)
    shown = min(max(answer.rows, len(draft.rules)), RULES_MAX)
    drawn = render_template(
        "admin/segment.html",
        draft=draft,
        rules=[*draft.rules, *([RuleDraft()] * (shown - len(draft.rules)))],
        has_room=shown < RULES_MAX,
        segment=segment,
        people=people,
        following=following,
        fitting=answer.fitting,
        handle=answer.handle,
        nonce=answer.nonce,
        errors=answer.errors or {},
        attributes=ATTRIBUTES,
        comparisons=list(COMPARISON_WORDS.items()),
        combinations=list(COMBINATION_WORDS.items()),
    )
    return make_response(drawn, answer.status)
