"""All blueprints of the site, in the order in which they are registered."""

from flask import Blueprint

from ideas.web import commenting, following, home, moderation, preferences, voting

BLUEPRINTS: tuple[Blueprint, ...] = (
    commenting.bp,
    following.bp,
    home.bp,
    moderation.bp,
    preferences.bp,
    voting.bp,
)
