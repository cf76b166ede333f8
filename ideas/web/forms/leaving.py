"""What is sent when somebody is erased."""

from flask import request
from flask_babel import lazy_gettext as _

from ideas.core.fields import Fields
from ideas.web.forms.fields import typed

#: What becomes of what the person wrote.
LEAVE, REMOVE = "leave", "remove"
CHOICES = (
    (LEAVE, _("Leave it under a fresh name"), _("“Former member” stands beside it. Nothing leads back to the person.")),
    (REMOVE, _("Remove it"), _("Ideas, comments and their earlier versions are emptied; what others wrote too stays.")),
)


def sent_departure() -> dict[str, str]:
    """Return what was chosen and typed. Raises Invalid (content)."""
    sent = typed(request.form, "content", "confirmation")
    fields = Fields()
    if sent["content"] not in {LEAVE, REMOVE}:
        fields.refuse("content", _("Choose one of the answers."))
    fields.done()
    return sent
