"""Signing in: the chooser, the trip to a provider and back, existing usernames, and signing out."""

from flask import Blueprint

blueprint = Blueprint("sign_in", __name__)

from app.blueprints.sign_in import routes, sign_out, username  # noqa: E402, F401 - they hang their views on the blueprint
