"""The authorization endpoint (OIDC Core §3.1.2)."""

from flask import Blueprint

blueprint = Blueprint("authorize", __name__)

from app.credential_service.blueprints.authorize import routes  # noqa: E402, F401 - it hangs its views on the blueprint
