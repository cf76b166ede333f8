"""A test client that is somebody: signs a member in and sends the form token a real page would carry."""

import re
import time
from typing import Any

from flask import has_app_context
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from werkzeug.test import TestResponse

from ideas.accounts.models import Member
from ideas.core.db import db

RAW_TOKEN = "0" * 40
HTMX = {"HX-Request": "true"}
#: New in each form: its nonce, the name of a draft of which nothing is kept yet, and the token against forgery.
MADE_ANEW = re.compile(
    r'(?<=name="nonce" value=")[^"]*'
    r'|(?<=name="draft" value=")[^"]*(?="><input type="hidden" name="seen" value="0")'
    r"|[\w-]+\.[\w-]+\.[\w-]{20,}"
)


class Client(FlaskClient):
    """`sends_token=False` on a request leaves the form token out."""

    def sign_in(self, member: Member) -> "Client":
        """Be this member from now on.

        In a context of its own: beginning a session would make the test's objects be read anew.
        """
        uniquifier = member.fs_uniquifier
        if has_app_context():
            db.session.commit()
        with self.application.app_context(), self.session_transaction() as session:
            session["_user_id"] = uniquifier
            session["_fresh"] = True
            # Whoever has just signed in has just shown who they are.
            session["fs_paa"] = time.time()
            session["csrf_token"] = RAW_TOKEN
        return self

    def open(self, *args: Any, sends_token: bool = True, **kwargs: Any) -> TestResponse:
        """Send a request, with the form token where it changes something.

        It runs in a context of its own, as in life: in the test's one it would inherit who was signed in before.
        """
        if sends_token and kwargs.get("method", "GET") not in {"GET", "HEAD", "OPTIONS"}:
            headers = dict(kwargs.pop("headers", None) or {})
            headers.setdefault("X-CSRFToken", self._token())
            kwargs["headers"] = headers
        # What the test reads next, it reads anew.
        if has_app_context():
            db.session.commit()
        with self.application.app_context():
            return super().open(*args, **kwargs)

    def _token(self) -> str:
        with self.application.app_context(), self.session_transaction() as session:
            session.setdefault("csrf_token", RAW_TOKEN)
            raw = session["csrf_token"]
        secret = self.application.secret_key
        assert isinstance(secret, str)
        token = URLSafeTimedSerializer(secret, salt="wtf-csrf-token").dumps(raw)
        assert isinstance(token, str)
        return token
