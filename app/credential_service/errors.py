"""Every way the protocol's pages say no. What a client can be told travels to it instead (RFC 6749 §4.1.2.1)."""

from http import HTTPStatus

from app.domain.errors import Refusal

# A request of a relying party that cannot be answered at its redirect URI.
UNKNOWN_CLIENT = Refusal("CS-201", HTTPStatus.BAD_REQUEST, "unknown_client")
UNKNOWN_REDIRECT = Refusal("CS-202", HTTPStatus.BAD_REQUEST, "unknown_redirect")
# What waits in a browser.
INTERACTION_OVER = Refusal("CS-203", HTTPStatus.BAD_REQUEST, "interaction_over")
ALREADY_ANSWERED = Refusal("CS-204", HTTPStatus.CONFLICT, "already_answered")
GOING_ROUND = Refusal("CS-205", HTTPStatus.TOO_MANY_REQUESTS, "going_round")
# Signing out at a relying party's wish.
LOGOUT_NOT_BELIEVED = Refusal("CS-206", HTTPStatus.BAD_REQUEST, "logout_not_believed")
UNKNOWN_LOGOUT_REDIRECT = Refusal("CS-207", HTTPStatus.BAD_REQUEST, "unknown_logout_redirect")
