"""All blueprints of the site, in the order in which they are registered."""

from flask import Blueprint

from ideas.web import admin, commenting, following, home, moderation, preferences, search, voting

BLUEPRINTS: tuple[Blueprint, ...] = (
    admin.bp,
    commenting.bp,
    following.bp,
    home.bp,
    moderation.bp,
    preferences.bp,
    search.bp,
    voting.bp,
)
