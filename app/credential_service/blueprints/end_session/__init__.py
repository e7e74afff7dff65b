"""The end-session endpoint (OpenID Connect RP-Initiated Logout 1.0) and its pages."""

from flask import Blueprint

blueprint = Blueprint("end_session", __name__)

from app.credential_service.blueprints.end_session import routes  # noqa: E402, F401 - it hangs its views on the blueprint
