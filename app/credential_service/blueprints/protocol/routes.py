"""Metadata, key set, token and userinfo. Everything is answered in the protocol's own form, refusals too."""

from http import HTTPStatus

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import InvalidRequestError
from flask import Response, json, jsonify, make_response, request
from werkzeug.exceptions import HTTPException

from app import clock
from app.credential_service import metadata
from app.credential_service.blueprints.protocol import blueprint
from app.credential_service.blueprints.protocol.bearer import bearer_token, unauthenticated
from app.credential_service.context import service
from app.credential_service.flows.keys import key_set
from app.credential_service.flows.tokens import error_answer, exchange, tell
from app.credential_service.provider import Answer
from app.credential_service.signing_keys import CACHED_FOR
from app.credential_service.store.base import store
from app.web.guard import PUBLIC, Guard, guarded

CLIENT = Guard(
    "client", csrf=False, readable=False, reason="programs call it and authenticate by the protocol; no cookie is read"
)
KEYS = Guard("public", reason="makes the first signing key where nobody has made one")
TOKEN = Guard("access token", csrf=False, readable=False, reason="programs call it with a token; no cookie is read")


@blueprint.get("/.well-known/openid-configuration")
@guarded(PUBLIC)
def openid_configuration() -> Response:
    """The discovery document."""
    return _cached(jsonify(metadata.document(service().issuer)))


@blueprint.get("/jwks")
@guarded(KEYS)
def jwks() -> Response:
    """The keys that sign, and those that signed what has not expired (RFC 7517)."""
    keys = key_set(store.session(), service().keyring, clock.now())
    response = _cached(jsonify(keys=keys))
    response.mimetype = "application/jwk-set+json"
    return response


def _cached(response: Response) -> Response:
    # Public documents: an application in a browser may read them from any origin.
    response.headers["Cache-Control"] = f"public, max-age={int(CACHED_FOR.total_seconds())}"
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


@blueprint.post("/token")
@guarded(CLIENT)
def token() -> Response:
    """Exchange a code (RFC 6749 §4.1.3)."""
    form = request.form.to_dict(flat=False)
    return _sent(exchange(service(), store.session(), form, request.headers.get("Authorization"), clock.now()))


@blueprint.route("/userinfo", methods=["GET", "POST"])
@guarded(TOKEN)
def userinfo() -> Response:
    """What the token opens. The token comes in the header, or in the body of a POST (RFC 6750 §2.1, §2.2)."""
    try:
        found = bearer_token(request.headers.get("Authorization"), request.form.getlist("access_token"))
    except OAuth2Error as error:
        return _sent(error_answer(error))
    if found is None:
        return _sent(unauthenticated(service().issuer))
    return _sent(tell(service(), store.session(), found, clock.now()))


def _sent(answer: Answer) -> Response:
    body = json.dumps(answer.body) if isinstance(answer.body, dict) else answer.body
    response = make_response(body, answer.status)
    response.headers.update(answer.headers)
    if isinstance(answer.body, dict):
        response.mimetype = "application/json"
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.errorhandler(HTTPException)
def refused_request(error: HTTPException) -> Response:
    """What the framework refuses (a body that is too large or no form) is refused in the protocol's form."""
    response = _sent(error_answer(InvalidRequestError("The request cannot be read.")))
    response.status_code = error.code or HTTPStatus.BAD_REQUEST
    return response
