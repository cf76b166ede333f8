"""How dates and numbers are written, in the language of the page."""

from datetime import date, datetime, timedelta
from functools import lru_cache

from flask import Flask
from flask_babel import format_currency, format_date, format_decimal, format_timedelta, get_locale
from flask_babel import gettext as _

from ideas.accounts.money import from_minor
from ideas.core import clock
from ideas.core.text import excerpt, quoted

#: Older things are named by their date; "7 months ago" says less.
RELATIVE_UP_TO = timedelta(days=30)


def ago(moment: datetime) -> str:
    """Return how long ago something was, in words; its date where it is more than a month."""
    passed: timedelta = clock.now() - moment
    if passed < timedelta(minutes=1):
        return str(_("just now"))
    if passed > RELATIVE_UP_TO:
        return long_date(moment)
    return _ago_words(str(get_locale()), passed // timedelta(minutes=1))


@lru_cache(maxsize=4_096)
def _ago_words(_language: str, minutes: int) -> str:
    return str(format_timedelta(-timedelta(minutes=minutes), granularity="minute", threshold=1.0, add_direction=True))


def long_date(moment: datetime | date) -> str:
    """Return a date in words, such as "3 March 2026"."""
    return _date_words(str(get_locale()), moment.date() if isinstance(moment, datetime) else moment)


@lru_cache(maxsize=4_096)
def _date_words(_language: str, day: date) -> str:
    return str(format_date(day, "d MMMM y"))


def number(value: float) -> str:
    """Return a number with the separators of the language."""
    return _number_words(str(get_locale()), value)


@lru_cache(maxsize=4_096)
def _number_words(_language: str, value: float) -> str:
    return str(format_decimal(value))


def money(minor: int, currency: str) -> str:
    """Return an amount, given in minor units, as people of the language write it; a whole one without a fraction."""
    amount = from_minor(minor, currency)
    if amount != amount.to_integral_value():
        return str(format_currency(amount, currency))
    whole = get_locale().currency_formats["standard"].pattern.replace(".00", "")
    return str(format_currency(amount, currency, format=whole, currency_digits=False))


def init_formats(app: Flask) -> None:
    """Make the formatters usable in templates."""
    app.jinja_env.filters.update(ago=ago, date=long_date, number=number, excerpt=excerpt, quoted=quoted)
