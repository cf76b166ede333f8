"""Amounts of money: typed and shown as decimal numbers, stored in minor units of their currency."""

import re
from decimal import Decimal

from babel.numbers import get_currency_precision, is_currency
from flask_babel import lazy_gettext as _

from ideas.core.text import Refused

#: Digits before the point; with three behind it the amount still fits a database's number.
_DIGITS_MAX = 12
_NUMBER = re.compile(rf"[0-9]{{1,{_DIGITS_MAX}}}(\.[0-9]+)?", re.ASCII)


def read_currency(text: str) -> str:
    """Return the ISO 4217 code in capitals. Raises Refused where there is no such currency."""
    code = text.strip().upper()
    if not (len(code) == 3 and code.isascii() and is_currency(code)):
        raise Refused(_("Give the three letters of a currency, such as EUR."))
    return code


def read_number(text: str) -> Decimal:
    """Return the typed amount, which has a point before its fraction. Raises Refused where it is none."""
    typed = text.strip()
    if not _NUMBER.fullmatch(typed):
        raise Refused(_("Give a number with a point before the fraction, such as 12000.50."))
    return Decimal(typed)


def to_minor(amount: Decimal, currency: str) -> int:
    """Return the amount in minor units. Raises Refused where it has more digits behind the point than its currency."""
    minor = amount.scaleb(get_currency_precision(currency))
    if minor != minor.to_integral_value():
        raise Refused(_("This currency has fewer digits behind the point."))
    return int(minor)


def from_minor(minor: int, currency: str) -> Decimal:
    """Return the amount that so many minor units are, with all digits of its currency behind the point."""
    return Decimal(minor).scaleb(-get_currency_precision(currency))
