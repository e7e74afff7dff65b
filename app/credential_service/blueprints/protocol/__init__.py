"""The endpoints that programs call: metadata, key set, token and userinfo."""

from flask import Blueprint

blueprint = Blueprint("protocol", __name__)

from app.credential_service.blueprints.protocol import routes  # noqa: E402, F401 - it hangs its views on the blueprint
