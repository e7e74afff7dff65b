"""Sign-in: e-mail address and password, then the second step; or a passkey alone."""

from flask import Blueprint

blueprint = Blueprint("sign_in", __name__)

from app.credential_service.blueprints.sign_in import routes, second_step_routes  # noqa: E402 - they need the blueprint

__all__ = ["blueprint", "routes", "second_step_routes"]
