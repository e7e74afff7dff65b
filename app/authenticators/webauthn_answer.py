"""Reading a browser's WebAuthn answer and naming what is wrong with it, before any signature is looked at.

Everything here is as the browser sent it and proves nothing; proof is in `webauthn`.
"""

import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from hashlib import sha256
from typing import Any, Final

from webauthn import base64url_to_bytes
from webauthn.helpers.structs import AuthenticatorData

LONGEST_ANSWER: Final = 32_768
"""Characters of JSON. An answer with a chain of certificates has some 8,000."""

_LONGEST_CREDENTIAL_ID: Final = 1023


class CeremonyProblem(Enum):
    """What is wrong with an answer."""

    TOO_LARGE = "too_large"
    MALFORMED = "malformed"
    WRONG_TYPE = "wrong_type"
    WRONG_CHALLENGE = "wrong_challenge"
    WRONG_ORIGIN = "wrong_origin"
    CROSS_ORIGIN = "cross_origin"
    WRONG_RP_ID = "wrong_rp_id"
    USER_NOT_PRESENT = "user_not_present"
    USER_NOT_VERIFIED = "user_not_verified"
    WRONG_CREDENTIAL = "wrong_credential"
    WRONG_USER = "wrong_user"
    BACKUP_FLAGS = "backup_flags"
    UNSUPPORTED_KEY = "unsupported_key"
    NOT_PROVEN = "not_proven"


class CeremonyFailed(Exception):
    """An answer that is refused; `problem` says why. Its text holds nothing of the answer."""

    def __init__(self, problem: CeremonyProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem


@dataclass(frozen=True, repr=False)
class Answer:
    """An answer that is well formed: the claimed credential and account, and the parts that the browser wrote."""

    credential_id: bytes
    user_handle: bytes | None
    response: dict[str, Any]
    client_data: dict[str, Any]

    def part(self, name: str) -> bytes:
        """A binary part of the response. CeremonyFailed when it is missing or not base64url."""
        with failing_as(CeremonyProblem.MALFORMED):
            return _octets(self.response[name])


@contextmanager
def failing_as(problem: CeremonyProblem) -> Iterator[None]:
    """Turn whatever goes wrong inside into CeremonyFailed for this reason.

    py_webauthn and the parsers below it let KeyError, TypeError, ValueError, struct.error and others of their own
    through on hostile input; a list of them would be wrong at the next release.
    """
    try:
        yield
    except CeremonyFailed:
        raise
    except Exception as fault:
        raise CeremonyFailed(problem) from fault


def read(text: str) -> Answer:
    """Take an answer apart. CeremonyFailed with TOO_LARGE or MALFORMED."""
    refuse(CeremonyProblem.TOO_LARGE, when=len(text) > LONGEST_ANSWER)
    with failing_as(CeremonyProblem.MALFORMED):
        fields = json.loads(text)
        response = fields["response"]
        handle = response.get("userHandle")
        answer = Answer(
            credential_id=_octets(fields["rawId"]),
            user_handle=None if handle is None else _octets(handle),
            response=response,
            client_data=json.loads(_octets(response["clientDataJSON"])),
        )
        refuse(CeremonyProblem.MALFORMED, when=not isinstance(answer.client_data, dict))
    refuse(CeremonyProblem.MALFORMED, when=not 0 < len(answer.credential_id) <= _LONGEST_CREDENTIAL_ID)
    return answer


def _octets(text: object) -> bytes:
    if not isinstance(text, str):
        raise TypeError("not a text")
    return base64url_to_bytes(text)


def check_client_data(answer: Answer, *, ceremony: str, challenge: bytes, origin: str) -> None:
    """WebAuthn §7.1 steps 7-12, §7.2 steps 10-15: the kind of ceremony, its challenge, and the page it was made on."""
    data = answer.client_data
    with failing_as(CeremonyProblem.MALFORMED):
        answered = _octets(data["challenge"])
    refuse(CeremonyProblem.WRONG_TYPE, when=data.get("type") != ceremony)
    refuse(CeremonyProblem.WRONG_CHALLENGE, when=not hmac.compare_digest(answered, challenge))
    refuse(CeremonyProblem.WRONG_ORIGIN, when=data.get("origin") != origin)
    # No page of ours asks from inside a frame, so one that does is somebody else's.
    refuse(CeremonyProblem.CROSS_ORIGIN, when=data.get("crossOrigin", False) is not False)


def check_authenticator_data(data: AuthenticatorData, *, rp_id: str, require_user_verification: bool) -> None:
    """WebAuthn §7.1 steps 14-19, §7.2 steps 16-19: the RP ID and the flags."""
    expected = sha256(rp_id.encode()).digest()
    refuse(CeremonyProblem.WRONG_RP_ID, when=not hmac.compare_digest(data.rp_id_hash, expected))
    refuse(CeremonyProblem.USER_NOT_PRESENT, when=not data.flags.up)
    refuse(CeremonyProblem.USER_NOT_VERIFIED, when=require_user_verification and not data.flags.uv)
    refuse(CeremonyProblem.BACKUP_FLAGS, when=data.flags.bs and not data.flags.be)


def refuse(problem: CeremonyProblem, *, when: bool) -> None:
    """Raise CeremonyFailed for this reason when the answer is wrong in this way."""
    if when:
        raise CeremonyFailed(problem)
