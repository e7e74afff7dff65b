"""Registration: an account is created, one decision a page."""

from flask import Blueprint

blueprint = Blueprint("register", __name__)

from app.credential_service.blueprints.register import factor_routes, routes  # noqa: E402 - they need the blueprint

__all__ = ["blueprint", "factor_routes", "routes"]
