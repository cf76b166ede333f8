"""The errors of a form as its template needs them."""

from ideas.core.errors import Invalid


def texts_of(refused: Invalid, **renamed: str) -> dict[str, str]:
    """Return the text shown beside each field. `renamed`: where the form calls a field of the service otherwise."""
    return {renamed.get(name, name): str(text) for name, text in refused.errors.items()}
