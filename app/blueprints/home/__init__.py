"""The QAAMS home page."""

from flask import Blueprint

blueprint = Blueprint("home", __name__)

from app.blueprints.home import routes  # noqa: E402, F401 - it hangs its views on the blueprint
