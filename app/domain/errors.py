"""Every way the portal says no: the public code, the HTTP status, and the name of the page that has the words.

The words stand in `templates/errors/<name>.html`. Codes are stable: people read them out to support.
"""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Refusal:
    """A refusal a person can be told about."""

    code: str
    status: HTTPStatus
    name: str


class Refused(Exception):
    """Raised where a request ends with a refusal's page. `retry_after`: seconds after which to try again."""

    def __init__(self, refusal: Refusal, retry_after: int | None = None) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal
        self.retry_after = retry_after


@dataclass(frozen=True)
class Outcome(Generic[T]):
    """What a flow came to: a value, or the refusal that stands instead of it."""

    value: T | None = None
    refusal: Refusal | None = None

    @property
    def ok(self) -> bool:
        """Whether the flow did what it was asked to do."""
        return self.refusal is None


# What any page may answer.
BAD_REQUEST = Refusal("QA-100", HTTPStatus.BAD_REQUEST, "bad_request")
NOT_FOUND = Refusal("QA-104", HTTPStatus.NOT_FOUND, "not_found")
WRONG_METHOD = Refusal("QA-105", HTTPStatus.METHOD_NOT_ALLOWED, "wrong_method")
FORBIDDEN = Refusal("QA-103", HTTPStatus.FORBIDDEN, "forbidden")
TOO_LARGE = Refusal("QA-113", HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large")
UNKNOWN_HOST = Refusal("QA-121", HTTPStatus.BAD_REQUEST, "unknown_host")
FORM_NOT_OURS = Refusal("QA-122", HTTPStatus.BAD_REQUEST, "form_not_ours")
TOO_MANY = Refusal("QA-129", HTTPStatus.TOO_MANY_REQUESTS, "too_many")
BROKEN = Refusal("QA-150", HTTPStatus.INTERNAL_SERVER_ERROR, "broken")
BUSY = Refusal("QA-153", HTTPStatus.SERVICE_UNAVAILABLE, "busy")

# Sign-in through a provider.
ATTEMPT_OVER = Refusal("QA-201", HTTPStatus.BAD_REQUEST, "attempt_over")
DECLINED_AT_PROVIDER = Refusal("QA-202", HTTPStatus.FORBIDDEN, "declined_at_provider")
PROVIDER_UNREACHABLE = Refusal("QA-203", HTTPStatus.SERVICE_UNAVAILABLE, "provider_unreachable")
PROVIDER_REFUSED = Refusal("QA-204", HTTPStatus.BAD_GATEWAY, "provider_refused")
PROVIDER_NOT_BELIEVED = Refusal("QA-205", HTTPStatus.BAD_REQUEST, "provider_not_believed")
CLOCKS_DIFFER = Refusal("QA-206", HTTPStatus.BAD_GATEWAY, "clocks_differ")
NOT_STRONG_ENOUGH = Refusal("QA-207", HTTPStatus.FORBIDDEN, "not_strong_enough")
NO_CONFIRMED_EMAIL = Refusal("QA-208", HTTPStatus.FORBIDDEN, "no_confirmed_email")
CALLBACK_UNREADABLE = Refusal("QA-209", HTTPStatus.BAD_REQUEST, "callback_unreadable")
ARRIVAL_OVER = Refusal("QA-210", HTTPStatus.BAD_REQUEST, "arrival_over")
WRONG_ADDRESS = Refusal("QA-211", HTTPStatus.BAD_REQUEST, "wrong_address")

# Sign-in with an existing username.
WRONG_PASSWORD = Refusal("QA-301", HTTPStatus.UNPROCESSABLE_ENTITY, "wrong_password")
USERNAME_FROZEN = Refusal("QA-302", HTTPStatus.FORBIDDEN, "username_frozen")
USERNAME_EXPIRED = Refusal("QA-303", HTTPStatus.FORBIDDEN, "username_expired")
USERNAME_CLOSED = Refusal("QA-304", HTTPStatus.FORBIDDEN, "username_closed")
USERNAMES_OFF = Refusal("QA-305", HTTPStatus.FORBIDDEN, "usernames_off")
