"""Following an idea, and no more."""

from collections.abc import Callable

from flask import Blueprint, request, url_for
from werkzeug import Response

from ideas.core.db import transaction
from ideas.core.policy import Actor
from ideas.following import services
from ideas.following.queries import find_stance
from ideas.ideation.models import Idea
from ideas.ideation.queries import get_idea
from ideas.web.forms.fields import typed
from ideas.web.htmx import fragment_or_go
from ideas.web.pages.following import follow_part
from ideas.web.redirects import safe_next
from ideas.web.viewer import actor

bp = Blueprint("following", __name__)


@bp.post("/ideas/<public_id>/follow")
def follow(public_id: str) -> Response:
    """Hear of the idea from now on."""
    return _answer(public_id, services.follow)


@bp.post("/ideas/<public_id>/unfollow")
def unfollow(public_id: str) -> Response:
    """Hear of the idea no more."""
    return _answer(public_id, services.unfollow)


def _answer(public_id: str, change: Callable[[Actor, Idea], bool]) -> Response:
    typed(request.form)
    with transaction():
        idea = get_idea(actor(), public_id)
        change(actor(), idea)
    stance = find_stance(actor(), idea.id, has_origins=idea.origin_count > 0)
    part = follow_part(actor(), idea, stance.follow, hears_by_origin=stance.hears_by_origin)
    back = safe_next(request.form.get("next"), default=url_for("ideation.show", public_id=public_id))
    return fragment_or_go("following/_follow.html", back, follow=part)
