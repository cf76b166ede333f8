"""Codes that are good for a short time: how those from mails and those from apps differ."""

from typing import Any

from flask_security.totp import Totp
from passlib.exc import TokenError

from ideas.accounts.models import Member
from ideas.web.signing_in.security_config import APP_WINDOW, CODE_SECONDS


class Codes(Totp):
    """Codes by mail change every ten minutes: then few are right at a time. Those of apps change as apps expect."""

    _totp: Any

    def __init__(self, secrets: dict[Any, str], issuer: str) -> None:
        super().__init__(secrets, issuer)
        self._mailed = self._totp.using(period=CODE_SECONDS)
        self._decoy = self.generate_mail_secret()

    def generate_mail_secret(self) -> str:
        """Return a new secret for mailed codes; how long each lasts is kept in it."""
        return str(self._mailed.new().to_json(encrypt=True))

    def check_mailed(self, secret: str | None, code: str) -> bool:
        """Tell whether a mailed code is right; None is nobody's, takes the same work and never is."""
        is_right = self.verify_totp(code, totp_secret=secret or self._decoy, user=None, window=CODE_SECONDS)
        return is_right and secret is not None

    def check_app_code(self, member: Member, secret: str, code: str) -> bool:
        """Tell whether a code of an app is right and newer than the last one; it is good once."""
        try:
            match = self._totp.verify(code, secret, window=APP_WINDOW, last_counter=member.tf_counter)
        except TokenError:
            return False
        member.tf_counter = match.counter
        return True
