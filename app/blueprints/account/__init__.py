"""The account page: how the person signs in, and what they agreed to."""

from flask import Blueprint

blueprint = Blueprint("account", __name__)

from app.blueprints.account import routes  # noqa: E402, F401 - it hangs its views on the blueprint
