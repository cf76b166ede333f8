"""Running the site: boards and roles, statuses, members, words, and in development the mail."""

from ideas.web.admin import boards, mail, members, organisations, overview, roles, statuses
from ideas.web.admin.door import bp

__all__ = ["boards", "bp", "mail", "members", "organisations", "overview", "roles", "statuses"]
