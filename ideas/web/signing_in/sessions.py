"""Where the session of a browser is kept.

Of a visitor it is a signed cookie: there is nothing in it to be revoked, and nothing of it to be stored. From the
moment somebody signs in, the cookie holds nothing but a random token, and everything else stands in the database;
so a session can be listed and ended from elsewhere, and a token from before the sign-in is worth nothing after it.
"""

from typing import Any

from flask import Flask, Request, Response, g
from flask import request as browser
from flask.json.tag import TaggedJSONSerializer
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from sqlalchemy.exc import OperationalError

from ideas.accounts import sessions as kept
from ideas.boards.queries import SessionFrame, find_session_frame
from ideas.core import clock
from ideas.core.db import transaction

#: Begins the cookie of somebody signed in. No signed cookie can: its text is URL-safe base64 without this sign.
MARK = "~"
#: Set by whoever signs somebody in for longer than the browser window.
LASTING = "lasting"
#: Set by whoever signs somebody in on the word of another side: which one.
VIA = "via"

#: Asked by pages that stand open, not by people: nobody was here for that, so a session left alone still ends.
BY_ITSELF = frozenset({"notifications.count"})

_json = TaggedJSONSerializer()


def asks_by_itself() -> bool:
    """Tell whether a page asks that stands open somewhere."""
    return browser.endpoint in BY_ITSELF


class BrowserSession(SecureCookieSession):
    """What a browser's session holds; `row`: where it is kept, None for visitors."""

    row: SessionFrame | None = None


class Sessions(SecureCookieSessionInterface):
    """Signed cookies for visitors, rows of the database for members."""

    session_class = BrowserSession

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return the session of the browser; an empty one where its cookie is not, or no longer, good."""
        cookie = request.cookies.get(self.get_cookie_name(app), "")
        if not cookie.startswith(MARK):
            return super().open_session(app, request)
        row = find_session_frame(kept.hash_of(cookie.removeprefix(MARK)))
        if row is None or not kept.is_alive(row.session, clock.now()):
            return BrowserSession()
        opened = BrowserSession(_json.loads(row.session.data))
        opened.row = row
        g.session_frame = row
        return opened

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Keep the session where it belongs, and tell the browser where it has moved."""
        if response.cache_control.public:
            # The caches of others may keep it: nothing in it may be about whoever asked, not even a new token.
            return
        row = session.row if isinstance(session, BrowserSession) else None
        if "_user_id" not in session:
            if row is not None:
                with transaction():
                    kept.end_session(row.session.id)
            super().save_session(app, session, response)
            return
        response.vary.add("Cookie")
        is_new = row is None or row.member.fs_uniquifier != session["_user_id"] or VIA in session
        if row is None or is_new or row.session.must_rotate:
            self._begin(app, session, response, row)
        elif session.modified or (not asks_by_itself() and clock.now() - row.session.seen_at > kept.SEEN_EVERY):
            self._keep(session, row)

    def _keep(self, session: SessionMixin, row: SessionFrame) -> None:
        try:
            with transaction():
                kept.keep_session(row.session.id, _json.dumps(dict(session)))
        except OperationalError:
            # A page that only notes that somebody was here must not fail because somebody else is writing.
            if session.modified:
                raise

    def _begin(self, app: Flask, session: SessionMixin, response: Response, former: SessionFrame | None) -> None:
        is_same = former is not None and former.member.fs_uniquifier == session["_user_id"]
        lasting = bool(session.pop(LASTING, False)) or (is_same and former is not None and former.session.is_lasting)
        via = str(session.pop(VIA, "")) or (former.session.via if is_same and former is not None else "")
        with transaction():
            token = kept.begin_session(
                session["_user_id"],
                _json.dumps(dict(session)),
                address=browser.remote_addr or "",
                browser=browser.user_agent.string,
                is_lasting=lasting,
                begun_at=former.session.created_at if former is not None and is_same else None,
                via=via,
            )
            if former is not None:
                kept.end_session(former.session.id)
        if token is None:
            self._drop(app, response)
            return
        response.set_cookie(
            self.get_cookie_name(app),
            MARK + token,
            max_age=int(kept.LASTING.total_seconds()) if lasting else None,
            **self._cookie(app),
        )

    def _drop(self, app: Flask, response: Response) -> None:
        response.delete_cookie(self.get_cookie_name(app), **self._cookie(app))

    def _cookie(self, app: Flask) -> dict[str, Any]:
        return {
            "path": self.get_cookie_path(app),
            "domain": self.get_cookie_domain(app),
            "secure": self.get_cookie_secure(app),
            "httponly": self.get_cookie_httponly(app),
            "samesite": self.get_cookie_samesite(app),
        }
