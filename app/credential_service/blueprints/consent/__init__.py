"""The consent page: what a relying party would get, and the person's answer."""

from flask import Blueprint

blueprint = Blueprint("consent", __name__)

from app.credential_service.blueprints.consent import routes  # noqa: E402, F401 - it hangs its views on the blueprint
