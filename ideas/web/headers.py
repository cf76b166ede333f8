"""What every answer carries, and what every changing request must show before anything else is looked at."""

from flask import Flask, Response, abort, request

from ideas.core.settings import Settings

SAFE_METHODS = {"GET", "HEAD", "OPTIONS"}

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "manifest-src 'self'",
    )
)


def init_headers(app: Flask, settings: Settings) -> None:
    """Check where changing requests come from, and set the security headers of all answers."""

    @app.before_request
    def refuse_foreign_requests() -> None:
        if request.method not in SAFE_METHODS and is_foreign():
            abort(403)

    @app.after_request
    def secure(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
        if settings.base_url.startswith("https://"):
            headers["Strict-Transport-Security"] = "max-age=31536000"
        # Pages differ by who looks; only an explicit cache may keep them.
        headers.setdefault("Cache-Control", "private, no-cache")
        return response


def is_foreign() -> bool:
    """Tell whether a changing request was started by another site, by what browsers say of it."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site not in {"same-origin", "none"}
    origin = request.headers.get("Origin")
    return origin is not None and origin.split("://", 1)[-1] != request.host
