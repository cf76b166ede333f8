"""All blueprints of the site, in the order in which they are registered."""

from flask import Blueprint

from ideas.web import (
    admin,
    boards,
    cocreation,
    commenting,
    corner,
    desk,
    factors,
    following,
    home,
    ideation,
    moderation,
    people,
    preferences,
    privacy,
    responding,
    rewards,
    search,
    setup,
    sso,
    voting,
)

BLUEPRINTS: tuple[Blueprint, ...] = (
    admin.bp,
    boards.bp,
    cocreation.bp,
    commenting.bp,
    corner.bp,
    desk.bp,
    factors.bp,
    following.bp,
    home.bp,
    ideation.bp,
    moderation.bp,
    people.bp,
    preferences.bp,
    privacy.bp,
    responding.bp,
    rewards.bp,
    search.bp,
    sso.bp,
    setup.bp,
    voting.bp,
)
