"""All there is to know about htmx on the server: fragments, moves and the headers they need."""

from flask import Response, make_response, redirect, render_template
from htmx_flask import request
from werkzeug import Response as AnyResponse


def wants_fragment() -> bool:
    """Tell whether htmx asks, so that a part of the page is enough."""
    return bool(request.htmx) and not request.htmx.history_restore_request


def fragment_or_page(fragment: str, page: str, /, *, status: int = 200, **context: object) -> Response:
    """Render the fragment for htmx, the whole page otherwise, from the same context."""
    template = fragment if wants_fragment() else page
    return make_response(render_template(template, **context), status)


def fragment_or_go(fragment: str, location: str, /, **context: object) -> AnyResponse:
    """After a change: render the fragment for htmx; otherwise lead the browser to `location` (303)."""
    if wants_fragment():
        return make_response(render_template(fragment, **context))
    return redirect(location, 303)


def go(location: str) -> AnyResponse:
    """Lead the browser to another page after a change, with or without htmx."""
    if wants_fragment():
        response = make_response("", 204)
        response.headers["HX-Redirect"] = location
        return response
    return redirect(location, 303)


def vary(response: Response) -> Response:
    """Tell caches that an address has two bodies."""
    response.vary.add("HX-Request")
    return response
