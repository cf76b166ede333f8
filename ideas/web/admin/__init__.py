"""Running the site: boards and roles, statuses, members, words, and in development the mail."""

from ideas.web.admin import (
    apps,
    boards,
    erasing,
    helping,
    mail,
    members,
    organisations,
    overview,
    previews,
    providers,
    record,
    roles,
    segments,
    staff_factor,
    statuses,
    webhooks,
    work,
)
from ideas.web.admin.door import bp

__all__ = [
    "apps",
    "boards",
    "bp",
    "erasing",
    "helping",
    "mail",
    "members",
    "organisations",
    "overview",
    "previews",
    "providers",
    "record",
    "roles",
    "segments",
    "staff_factor",
    "statuses",
    "webhooks",
    "work",
]
