"""The two ways in which relying parties are served: `strict` is OpenID Connect Core, `idme` speaks as ID.me does.

A profile says which scopes are granted and what they let a client see. The values are made in `claims`.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

OPENID: Final = "openid"
ASSURANCE: Final = "http://idmanagement.gov/ns/assurance/"
# Authentication only. IAL 2, LOA 3 and whatever else asks for proofing does not match and is refused.
AUTHENTICATION_ONLY: Final = re.compile(
    re.escape(ASSURANCE) + r"(loa/1|ial/1|aal/[12]|ial/1/aal/[12])(/[a-z0-9_-]{1,40})?"
)
DEFAULT_ACR: Final = f"{ASSURANCE}ial/1/aal/2"
LOGIN_GOV_ACR: Final = "urn:acr.login.gov:auth-only"
AAL2: Final = f"{ASSURANCE}aal/2"
ACR_VALUES: Final = (DEFAULT_ACR, AAL2, LOGIN_GOV_ACR)
"""Everybody signs in with two steps here, so whichever of these is asked for is met."""


class Item(StrEnum):
    """What a person may be asked to share, beside the identifier and the fact of having signed in."""

    EMAIL = "email"
    NAME = "name"


CLAIMS: Final = {
    "email": Item.EMAIL,
    "email_verified": Item.EMAIL,
    "name": Item.NAME,
    "given_name": Item.NAME,
    "family_name": Item.NAME,
    "updated_at": Item.NAME,
}


@dataclass(frozen=True)
class Profile:
    """How a client is served. `signs_userinfo`: its userinfo is a JWT."""

    name: str
    signs_userinfo: bool

    def granted(self, scope: str) -> str | None:
        """The scopes that are granted of those asked for, in their order; None is `invalid_scope`.

        `strict` leaves out what it does not know (OIDC Core §3.1.2.1); `idme` refuses it, as ID.me does.
        """
        asked = list(dict.fromkeys(scope.split()))
        known = [one for one in asked if self._knows(one)]
        if OPENID not in asked or (self is IDME and known != asked):
            return None
        return " ".join(known)

    def _knows(self, scope: str) -> bool:
        if self is IDME:
            return scope in (OPENID, "email") or AUTHENTICATION_ONLY.fullmatch(scope) is not None
        return scope in SCOPES

    def items(self, scope: str) -> frozenset[str]:
        """What the granted scopes let a client see, with the person's consent."""
        asked = set(scope.split()) - {OPENID}
        if self is IDME:
            # At ID.me a scope is a policy, and a policy hands over its whole set of attributes.
            return frozenset(Item) if asked else frozenset()
        return frozenset(SCOPES[one] for one in asked)


def items_of_claims(claims: dict[str, Any]) -> frozenset[str]:
    """What the members of the `claims` parameter's `userinfo` ask to see; unknown ones ask for nothing."""
    return frozenset(CLAIMS[name] for name in claims if name in CLAIMS)


SCOPES: Final = {OPENID: "", "email": Item.EMAIL, "profile": Item.NAME}
STRICT: Final = Profile("strict", signs_userinfo=False)
IDME: Final = Profile("idme", signs_userinfo=True)


def profile_named(name: str) -> Profile:
    """The profile that the settings name."""
    return {STRICT.name: STRICT, IDME.name: IDME}[name]


def met_acr(asked: str) -> str:
    """The first of the wished context classes that is met, or our own (OIDC Core §3.1.2.1: a wish, no demand)."""
    return next((value for value in asked.split() if value in ACR_VALUES), DEFAULT_ACR)
