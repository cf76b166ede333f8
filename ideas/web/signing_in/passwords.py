"""Which passwords are taken: nothing is asked over the network, the lists come with the program."""

from functools import cache
from typing import Any

from flask_babel import gettext as _
from flask_security import PasswordUtil
from zxcvbn import zxcvbn
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from ideas.web.viewer import site_words

#: Below this the library reckons with fewer than 10^8 guesses.
LEAST_SCORE = 3
#: The library looks at no more: it gets slow.
LOOKED_AT = 72


class Passwords(PasswordUtil):
    """The library's rules, and two of our own: none of the stolen ones, none that is quickly guessed."""

    def validate(self, password: str, is_register: bool, **kwargs: Any) -> tuple[list[str] | None, str]:  # noqa: FBT001
        """Return what is wrong with the password (None: nothing), and the password in its normal form."""
        problems, normal = super().validate(password, is_register, **kwargs)
        return problems or _problems(normal, words_about(kwargs)), normal


def words_about(known: dict[str, Any]) -> list[str]:
    """Return what everybody knows of the person and the place, so that no password is made of it alone."""
    owner = known.get("user")
    found = [known.get("email"), known.get("name"), getattr(owner, "email", None), getattr(owner, "name", None)]
    words = [site_words().name, *(str(one) for one in found if one)]
    return [*words, *(part for one in words for part in one.replace("@", " ").replace(".", " ").split())]


def _problems(password: str, known: list[str]) -> list[str] | None:
    if password.lower() in _stolen():
        return [_("This password stands on lists of stolen passwords. Choose another one.")]
    if zxcvbn(password[:LOOKED_AT], user_inputs=known)["score"] < LEAST_SCORE:
        return [_("This password is quickly guessed. Take several words that have nothing to do with each other.")]
    return None


@cache
def _stolen() -> frozenset[str]:
    return frozenset(FREQUENCY_LISTS["passwords"])
