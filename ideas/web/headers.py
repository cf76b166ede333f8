"""What every answer carries, and what every changing request must show before anything else is looked at."""

from wsgiref.headers import Headers as WsgiHeaders

from flask import Flask, Response, abort, request
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.sansio.utils import host_is_trusted

from ideas.core.settings import Settings

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}
FORM_TYPES = {"application/x-www-form-urlencoded", "multipart/form-data"}

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "manifest-src 'self'",
    )
)

#: Where admins look at mails in development: the page frames the mail, and a mail carries its styles with it.
OWN_POLICIES = {
    "admin.preview": f"{CONTENT_SECURITY_POLICY}; frame-src 'self'",
    # Whatever a file holds, nothing of it is run, and nothing it asks for is fetched.
    "files.at": "default-src 'none'; sandbox; frame-ancestors 'none'",
    "admin.preview_html": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'",
}

#: Referrer policies that tell other sites nothing, from the strictest.
SILENT = ("no-referrer", "same-origin")
#: On everything, also on style sheets, scripts and pictures.
ALWAYS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


def init_headers(app: Flask, settings: Settings) -> None:
    """Check where changing requests come from, and set the security headers of all answers."""

    @app.before_request
    def refuse_other_names() -> None:
        # Nothing here reads it, but what is written between us and the browser might.
        told = request.headers.get("X-Forwarded-Host", "")
        if any(not host_is_trusted(one.strip(), app.config["TRUSTED_HOSTS"]) for one in told.split(",") if one.strip()):
            abort(400)

    @app.before_request
    def refuse_foreign_requests() -> None:
        if request.method in SAFE_METHODS:
            return
        if is_foreign():
            abort(403)
        # Else what was sent would count as an empty form, and an empty form may well change something.
        if request.content_length and not request.form:
            abort(400 if request.mimetype in FORM_TYPES else 415)

    @app.after_request
    def secure(response: Response) -> Response:
        headers = response.headers
        # A page may say less of where it was than others, never more; one whose address holds a secret must. Not
        # "no-referrer": browsers would not say then that its own forms come from here.
        wanted = headers.get("Referrer-Policy", "same-origin" if "token" in (request.view_args or {}) else "")
        headers.update(ALWAYS)
        headers["Content-Security-Policy"] = _policy_of(response)
        if wanted in SILENT:
            headers["Referrer-Policy"] = wanted
        if settings.base_url.startswith("https://"):
            headers["Strict-Transport-Security"] = "max-age=31536000"
        # Pages differ by who looks; only an explicit cache may keep them.
        headers.setdefault("Cache-Control", "private, no-cache")
        return response


def _policy_of(response: Response) -> str:
    if response.status_code != 200:
        return CONTENT_SECURITY_POLICY
    return OWN_POLICIES.get(request.endpoint or "", CONTENT_SECURITY_POLICY)


def believe_proxies(app: Flask, count: int) -> None:
    """Read the address of a browser, and whether it came by https, from what so many proxies in front of us say.

    Of a list of addresses only the last `count` were written by them; what stands before is anybody's word.
    """
    if count:
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=count, x_proto=count, x_host=0, x_port=0, x_prefix=0
        )


def secure_asset(asset_headers: WsgiHeaders, path: str, url: str) -> None:
    """Set the security headers of a static file, which no view answers."""
    for name, value in ALWAYS.items():
        asset_headers[name] = value


def is_foreign() -> bool:
    """Tell whether a changing request was started by another site, by what browsers say of it."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    return origin is not None and origin.split("://", 1)[-1] != request.host
