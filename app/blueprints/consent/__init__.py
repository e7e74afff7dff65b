"""The portal's e-mail consent and its receipts."""

from flask import Blueprint

blueprint = Blueprint("consent", __name__)

from app.blueprints.consent import routes  # noqa: E402, F401 - it hangs its views on the blueprint
