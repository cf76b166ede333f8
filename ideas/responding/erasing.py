"""Official answers: they are the company's words and stay, under the pseudonym."""

from collections.abc import Mapping

from ideas.accounts.erasing import Departure, rename_mentions
from ideas.core import markup
from ideas.ideation.mentions import forget_mentioned, links_in, rename_mentioned
from ideas.ideation.models import MentionedIn
from ideas.responding.models import Response


def erase(leaving: Departure) -> None:
    """Rename the person where an answer mentions them."""
    rename_mentions(leaving, Response, "would_change")
    rename_mentioned(leaving, MentionedIn.RESPONSE, Response, "body", key=Response.id, derive=_derived)
    forget_mentioned(leaving, MentionedIn.RESPONSE)


def _derived(response_id: int, body: str) -> Mapping[str, str]:
    return {"body_html": markup.render(body, people=links_in(MentionedIn.RESPONSE, response_id))}
