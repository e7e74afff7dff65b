"""The account page and signing out."""

from flask import Blueprint

blueprint = Blueprint("account", __name__)

from app.credential_service.blueprints.account import routes  # noqa: E402 - it needs the blueprint

__all__ = ["blueprint", "routes"]
