"""The application object for any WSGI server."""

from ideas.app import create_app

app = create_app()
