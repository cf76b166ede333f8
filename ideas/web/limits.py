"""How often somebody may try, by person where known and by address otherwise."""

from flask import Flask, g, request
from flask_limiter import Limiter

from ideas.core.settings import Settings

#: Of one person or address, for requests that change something.
CHANGES = "60 per minute; 1000 per hour"


def who() -> str:
    """Return the name under which a request is counted."""
    actor = g.get("actor")
    if actor is not None and actor.is_member:
        return f"member:{actor.member_id}"
    return f"address:{request.remote_addr}"


limiter = Limiter(key_func=who, headers_enabled=False, swallow_errors=True)


def init_limits(app: Flask, settings: Settings) -> None:
    """Count in Redis where it is configured, else in the memory of each process."""
    app.config.update(
        RATELIMIT_STORAGE_URI=settings.redis_url or "memory://",
        RATELIMIT_STRATEGY="moving-window",
        RATELIMIT_IN_MEMORY_FALLBACK_ENABLED=True,
        RATELIMIT_IN_MEMORY_FALLBACK=[CHANGES],
    )
    limiter.init_app(app)
