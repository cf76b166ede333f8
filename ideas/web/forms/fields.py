"""Reading what was sent: only named fields, each at most once; anything else is refused."""

from flask_babel import lazy_gettext as _
from werkzeug.datastructures import MultiDict

from ideas.core.errors import Invalid

#: May come with every form.
ALWAYS = frozenset({"csrf_token", "nonce", "next"})


def typed(form: MultiDict[str, str], *names: str) -> dict[str, str]:
    """Return the named fields as texts, empty where absent. Raises Invalid for unknown or repeated fields."""
    refuse_unknown(form, *names)
    repeated = [name for name in names if len(form.getlist(name)) > 1]
    if repeated:
        raise Invalid({repeated[0]: _("This was sent more than once.")})
    return {name: form.get(name, "") for name in names}


def refuse_unknown(form: MultiDict[str, str], *names: str) -> None:
    """Raise Invalid where a field was sent that the form does not have."""
    unknown = set(form) - set(names) - ALWAYS
    if unknown:
        raise Invalid({sorted(unknown)[0]: _("This form has no such field.")})
