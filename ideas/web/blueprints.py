"""All blueprints of the site, in the order in which they are registered."""

from flask import Blueprint

from ideas.web import commenting, home, moderation, preferences

BLUEPRINTS: tuple[Blueprint, ...] = (
    commenting.bp,
    home.bp,
    moderation.bp,
    preferences.bp,
)
