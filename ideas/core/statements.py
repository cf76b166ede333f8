"""Statements that are put together once: that costs more than running them."""

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from sqlalchemy import Integer, bindparam

from ideas.core.policy import Actor

P = ParamSpec("P")
S = TypeVar("S")

#: Different rights, and different arguments of a builder, for which its statements are kept.
KEPT = 512


def kept_by_rights(build: Callable[Concatenate[Actor, P], S]) -> Callable[Concatenate[Actor, P], S]:
    """Keep the statements that `build` makes, one for all actors who hold the same rights.

    The member's own key is not in a statement: whoever runs it gives the parameters of `viewer(actor)`. The further
    arguments of `build` must be hashable and choose the form of the statement; values belong into parameters.
    """

    @lru_cache(maxsize=KEPT)
    def of_rights(standing: Actor, is_member: bool, *arguments: Any) -> S:  # noqa: FBT001 - a cache key
        member_id = cast(int, bindparam("viewer_id", type_=Integer())) if is_member else None
        return cast(S, cast(Any, build)(replace(standing, member_id=member_id), *arguments))

    @wraps(build)
    def statement(actor: Actor, /, *arguments: P.args, **_none: P.kwargs) -> S:
        return of_rights(actor.standing, actor.is_member, *arguments)

    return statement


def viewer(actor: Actor, **values: object) -> dict[str, object]:
    """Return the parameters with which a kept statement is run for an actor."""
    return {"viewer_id": actor.member_id, **values}
