"""The pages that are looked at, each once: as whom, and how to come there."""

from dataclasses import dataclass

from playwright.sync_api import Page

from tests.browser.demo import Who

ROW = ".row h3 a"
VERSIONS = "a[href$='/versions']"


@dataclass(frozen=True)
class Sight:
    """A page: as whom, from where, and the links to follow from there (the first that fits each selector)."""

    name: str
    path: str
    who: Who = Who.VISITOR
    links: tuple[str, ...] = ()
    status: int = 200


CUSTOMER, MANAGER, MODERATOR, ADMIN = Who.CUSTOMER, Who.MANAGER, Who.MODERATOR, Who.ADMIN

SIGHTS = (
    Sight("home", "/"),
    Sight("boards", "/boards"),
    Sight("board", "/boards/motors"),
    Sight("board-member", "/boards/helm?order=supported", CUSTOMER),
    Sight("idea", "/boards/motors?order=supported", CUSTOMER, (ROW,)),
    Sight("idea-open", "/boards/motors?status=open", CUSTOMER, (ROW,)),
    Sight("idea-staff", "/boards/motors?order=supported", MANAGER, (ROW,)),
    Sight("voices", "/boards/motors?status=open", MANAGER, (ROW, "a[href$='/voices']")),
    Sight("enter-support", "/boards/motors?status=open", MANAGER, (ROW, "a[href$='/voices/new']")),
    Sight("propose-for-customer", "/propose/for-customer?board=motors", MANAGER),
    Sight("problem", "/boards/motors?kind=problem&status=delivered", CUSTOMER, (ROW,)),
    Sight("declined", "/boards/helm?status=declined", links=(ROW,)),
    Sight("needs", "/boards/motors?order=supported", links=(ROW, "a[href$='/needs']")),
    Sight("fix", "/boards/motors?kind=problem&status=open", CUSTOMER, (ROW, "a[href$='/fixes/new']")),
    Sight("propose", "/propose?board=motors&title=Quiet+motor+at+night", CUSTOMER),
    Sight("edit", "/me", CUSTOMER, (ROW, "a[href$='/edit']")),
    Sight("versions", "/search?q=beginner+mode+speed+limit", CUSTOMER, (ROW, VERSIONS)),
    Sight("compare", "/search?q=beginner+mode+speed+limit", CUSTOMER, (ROW, VERSIONS, "a[href*='/compare?']")),
    Sight("written", "/search?q=beginner+mode+speed+limit", CUSTOMER, (ROW, VERSIONS, "a[href$='/written']")),
    Sight("reply", "/boards/motors?order=supported", CUSTOMER, (ROW, ".comment-acts a[href$='/reply']")),
    Sight("withdraw", "/me", CUSTOMER, (ROW, "a[href$='/withdraw']")),
    Sight("report", "/boards/helm?order=supported", CUSTOMER, (ROW, "a[href$='/report']")),
    Sight("search", "/search?q=battery", CUSTOMER),
    Sight("search-start", "/search"),
    Sight("search-nothing", "/search?q=zeppelin"),
    Sight("people", "/people"),
    Sight("person", "/people", links=("main a.who-name",)),
    Sight("about", "/about"),
    Sight("sign-in", "/sign-in"),
    Sight("register", "/register"),
    Sight("code", "/sign-in/code"),
    Sight("password", "/password"),
    Sight("corner", "/me", CUSTOMER),
    Sight("supports", "/me/supports", CUSTOMER),
    Sight("asked", "/me/asked", CUSTOMER),
    Sight("notifications", "/me/notifications", CUSTOMER),
    Sight("points", "/me/points", CUSTOMER),
    Sight("settings", "/me/settings", CUSTOMER),
    Sight("own-feed", "/me/feeds", CUSTOMER),
    Sight("security", "/me/security", CUSTOMER),
    Sight("verify", "/verify", CUSTOMER),
    Sight("second-factor", "/me/security/app", CUSTOMER),
    Sight("desk", "/desk", MANAGER, (".lane-item h2 a",)),
    Sight("respond", "/boards/motors?status=open", MANAGER, (ROW, "#staff-panel a.btn")),
    Sight("moderation", "/moderation", MODERATOR),
    Sight("hidden", "/moderation?lane=hidden", MODERATOR),
    Sight("moderate", "/boards/motors", MODERATOR, (ROW, "#moderation-links a[href$='/moderate']")),
    Sight("admin", "/admin", ADMIN),
    Sight("admin-mails", "/admin/mails", ADMIN),
    Sight("admin-boards", "/admin/boards", ADMIN),
    Sight("admin-board", "/admin/boards/motors/edit", ADMIN),
    Sight("admin-roles", "/admin/boards/motors/roles", ADMIN),
    Sight("admin-statuses", "/admin/statuses", ADMIN),
    Sight("admin-status-new", "/admin/statuses/new", ADMIN),
    Sight("admin-status", "/admin/statuses/declined/edit", ADMIN),
    Sight("admin-members", "/admin/members", ADMIN),
    Sight("admin-member", "/admin/members", ADMIN, ("main a[href$='/edit']",)),
    Sight("admin-site", "/admin/site", ADMIN),
    Sight("admin-staff-factor", "/admin/staff-sign-in", ADMIN),
    Sight("admin-webhooks", "/admin/webhooks", ADMIN),
    Sight("admin-webhook-new", "/admin/webhooks/new", ADMIN),
    Sight("admin-mail", "/admin/mail", ADMIN),
    Sight("missing", "/ideas/nothere", status=404),
)


def sights_of(who: Who) -> tuple[Sight, ...]:
    """Return the pages that are looked at as this person."""
    return tuple(sight for sight in SIGHTS if sight.who is who)


def visit(page: Page, sight: Sight) -> None:
    """Open a page the way a person comes to it.

    :raise AssertionError: when it is not there.
    """
    answer = page.goto(sight.path)
    for link in sight.links:
        # Followed by its address, as nobody can click what is folded away.
        answer = page.goto(page.locator(link).first.evaluate("link => link.href"))
    assert answer is not None
    assert answer.status == sight.status, f"{sight.name}: {page.url} answers {answer.status}"
