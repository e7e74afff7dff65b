"""`/outbox` and `/outbox.json`: what the fake inbox received. Registered outside production only."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, Response, jsonify, request

from app.web.guard import PUBLIC, guarded
from app.web.htmx import page

MOST_MESSAGES = 200

Reader = Callable[[str | None, int], Sequence[dict[str, Any]]]


def outbox_blueprint(read: Reader) -> Blueprint:
    """The page and the JSON over `read(to, limit)`, which gives the newest messages first."""
    blueprint = Blueprint("outbox", __name__)

    @blueprint.get("/outbox")
    @guarded(PUBLIC)
    def outbox() -> Response:
        to = request.args.get("to") or None
        return page("outbox/outbox.html", messages=read(to, MOST_MESSAGES), to=to)

    @blueprint.get("/outbox.json")
    @guarded(PUBLIC)
    def outbox_json() -> Response:
        response = jsonify(list(read(request.args.get("to") or None, MOST_MESSAGES)))
        response.headers["Cache-Control"] = "no-store"
        return response

    return blueprint
