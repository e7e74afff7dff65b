"""`/healthz` (the process answers) and `/readyz` (database and migrations; providers are only reported)."""

from collections.abc import Callable, Mapping

from flask import Blueprint, Response, jsonify

from app.web.guard import PUBLIC, guarded

Check = Callable[[], bool]
Report = Callable[[], Mapping[str, str]]


def health_blueprint(checks: Mapping[str, Check], report: Report) -> Blueprint:
    """The two pages. `checks` decide readiness; what `report` gives is shown beside them and decides nothing."""
    blueprint = Blueprint("health", __name__)

    @blueprint.get("/healthz")
    @guarded(PUBLIC)
    def healthz() -> Response:
        return jsonify(status="ok")

    @blueprint.get("/readyz")
    @guarded(PUBLIC)
    def readyz() -> Response:
        results = {name: _passes(check) for name, check in checks.items()}
        ready = all(results.values())
        response = jsonify(
            status="ready" if ready else "not ready",
            checks={name: "ok" if passed else "failed" for name, passed in results.items()},
            reported=dict(report()),
        )
        response.status_code = 200 if ready else 503
        return response

    return blueprint


def _passes(check: Check) -> bool:
    try:
        return check()
    except Exception:  # noqa: BLE001 - whatever went wrong, the answer is: not ready
        return False
