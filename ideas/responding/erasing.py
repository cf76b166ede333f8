"""Official answers: they are the company's words and stay, under the pseudonym."""

from ideas.accounts.erasing import Departure, rename_mentions
from ideas.core import markup
from ideas.responding.models import Response


def erase(leaving: Departure) -> None:
    """Rename the person where an answer mentions them."""
    rename_mentions(leaving, Response, "would_change")
    rename_mentions(leaving, Response, "body", derive=lambda body: {"body_html": markup.render(body)})
