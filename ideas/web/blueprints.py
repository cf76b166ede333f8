"""All blueprints of the site, in the order in which they are registered."""

from flask import Blueprint

from ideas.web import home, moderation, preferences

BLUEPRINTS: tuple[Blueprint, ...] = (
    home.bp,
    moderation.bp,
    preferences.bp,
)
