"""A file of every record type, and empty places to carry it through."""

from pathlib import Path

from ideas.transfer.exporting import export_file
from tests.transfer.made import SMALL_FILE, at, line

FULL_FILE = [
    *SMALL_FILE[:1],
    line("status", slug="tried-out", name="Tried out", category="in_progress", meaning="On a bench.", owes_answer=True),
    line("status", slug="there", name="There", category="delivered"),
    *SMALL_FILE[1:2],
    line("board", external_id="b2", source="elsewhere", slug="staff-room", name="Staff room", audience="staff"),
    line(
        "organisation",
        name="Ömer & Co",
        plan="gold",
        annual_value=1_250_050,
        currency="EUR",
        key="O 17",
        key_from="company",
        attributes=[{"name": "seats", "value": "12"}, {"name": "region", "value": "north"}],
    ),
    line("organisation", name="Nobody here"),
    *SMALL_FILE[2:4],
    line(
        "member",
        external_id="cleo",
        source="old-list",
        name="Cleo Ömer",
        handle="Cleo.O",
        email="Cleo@post.example",
        kind="partner",
        organisation="Ömer & Co",
        created_at=at(0),
    ),
    line(
        "segment",
        slug="gold",
        name="Gold customers",
        description="Those who pay most.",
        combination="any",
        rules=[
            {"attribute": "organisation.plan", "value": "gold"},
            {"attribute": "organisation.annual_value", "comparison": "at_least", "value": "1000 EUR"},
        ],
        by_hand=[{"member": "anna"}],
    ),
    line("segment", slug="nobody", name="Nobody yet"),
    line(
        "idea",
        external_id="i1",
        board="b1",
        title="A lid that stays open",
        body="It **falls** on <script>alert(1)</script> my *fingers*.",
        author="anna",
        status="tried-out",
        tags=["Steam", "lid"],
        created_at=at(1),
        edited_at=at(3),
        locked_at=at(30),
        carried_supports={"count": 14, "source": "a show of hands"},
        revisions=[
            {"number": 1, "title": "A lid", "author": "anna", "at": at(1), "kind": "published"},
            {"number": 2, "title": "A lid that stays open", "at": at(3), "note": "Clearer", "support_count": 1},
        ],
    ),
    line(
        "idea", external_id="p1", board="b1", kind="problem", title="The spout drips", status="there", created_at=at(2)
    ),
    line("idea", external_id="w1", board="b1", title="Whistle in C", created_at=at(2), withdrawn={"at": at(4)}),
    line(
        "idea",
        external_id="e1",
        board="b1",
        title="A handle for the left hand",
        author="anna",
        created_at=at(2),
        entered={"by": "ben", "via": "ticket", "where": "https://tickets.example/17"},
    ),
    line("support", idea="e1", member="anna", at=at(2), entered={"by": "ben", "via": "ticket"}),
    line("support", idea="e1", member="old-list::cleo", at=at(3), entered={"via": "event", "where": "fair"}, own=True),
    line(
        "idea", external_id="h1", board="b1", title="Buy now", created_at=at(2), hidden={"at": at(4), "reason": "Spam"}
    ),
    line(
        "idea",
        external_id="f1",
        board="b1",
        kind="fix",
        problem="p1",
        title="A longer lip",
        temporary=True,
        created_at=at(3),
    ),
    line(
        "merge",
        origin="e1",
        target="i1",
        by="ben",
        at=at(11),
        reason="The same lid.",
        held_back=[{"member": "old-list::cleo", "at": at(12)}],
    ),
    line("merge", origin="h1", target="i1", at=at(5), undone={"by": "ben", "at": at(6), "reason": "It was spam."}),
    line("link", idea="i1", other="p1", kind="depends_on", by="ben", at=at(11)),
    line("link", idea="w1", other="i1", kind="related", at=at(11)),
    line("support", idea="i1", member="ben", at=at(4), strength="nice", need="Filling with one hand"),
    line("support", idea="i1", member="old-list::cleo", at=at(5)),
    line("support", idea="p1", member="anna", at=at(4), circumstances={"version": "K2", "environment": "hard water"}),
    line(
        "comment",
        external_id="c1",
        idea="i1",
        author="ben",
        body="Which hand?",
        at=at(5),
        official=True,
        reactions=[{"member": "anna", "kind": "thanks"}, {"member": "ben", "kind": "helpful"}],
    ),
    line(
        "comment", external_id="c2", idea="i1", parent="c1", author="anna", body="The left.", at=at(6), edited_at=at(7)
    ),
    line("comment", external_id="c3", idea="i1", author="ben", body="Ask Cleo.", at=at(6), audience="internal"),
    line("comment", external_id="c4", idea="i1", body="Rude.", at=at(7), hidden={"at": at(8), "reason": "Rude"}),
    line("response", external_id="r1", idea="i1", author="ben", body="We try it.", at=at(7), status_to="tried-out"),
    line("response", external_id="r2", idea="p1", author="ben", body="Done.", at=at(8), status_to="there"),
    line(
        "response",
        external_id="r3",
        idea="p1",
        author="ben",
        body="Again.",
        at=at(20),
        status_from="open",
        status_to="there",
    ),
    line(
        "response",
        external_id="r4",
        idea="w1",
        body="No.",
        at=at(9),
        review_on="2027-01-01",
        decline={"reason_kind": "too_costly", "would_change": "Two hundred more."},
    ),
    line("choice", fix="f1", by="ben", at=at(8), note="Cheap."),
    line("confirmation", idea="p1", member="anna", verdict="fixed", note="Dry.", at=at(9)),
    line("follow", idea="i1", member="ben", at=at(9)),
    line("follow", idea="i1", member="anna", at=at(9), reason="author", muted_at=at(10)),
    line("credit", idea="p1", member="anna", kind="origin", points=50, at=at(10), by="ben", note="Found it."),
    line("credit", idea="p1", member="anna", kind="evidence", points=0, at=at(10), by="ben"),
]


def written(folder: Path, lines: list[str]) -> Path:
    """Return a file of these lines."""
    path = folder / "in.jsonl"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def exported(folder: Path, *, with_addresses: bool = False) -> bytes:
    """Return the export of the place as it is now."""
    path = folder / "out.jsonl"
    export_file(path, with_addresses=with_addresses)
    return path.read_bytes()
