"""A checked authorization request, as it is kept while it waits, and the addresses that answer it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self
from urllib.parse import urlencode


@dataclass(frozen=True)
class AuthorizationRequest:
    """What a relying party asks. `scope` is what is granted of its wish, `items` what it may see with consent.

    `fresh`: the person has to authenticate for this request. `max_age` in seconds. `subject`: who it has to be.
    """

    client_id: str
    redirect_uri: str
    state: str | None
    scope: str
    items: tuple[str, ...]
    acr: str
    code_challenge: str
    nonce: str | None = None
    prompts: tuple[str, ...] = ()
    register: bool = False
    max_age: int | None = None
    login_hint: str | None = None
    subject: str | None = None

    @property
    def silent(self) -> bool:
        """Whether no page may be shown (`prompt=none`)."""
        return "none" in self.prompts

    @property
    def fresh(self) -> bool:
        """Whether an earlier sign-in does not do, however young."""
        return self.register or bool({"login", "select_account"} & set(self.prompts))

    def kept(self) -> dict[str, Any]:
        """For a JSON column."""
        return asdict(self)

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Self:
        """From a JSON column."""
        return cls(**{**kept, "items": tuple(kept["items"]), "prompts": tuple(kept["prompts"])})


class RedirectedError(Exception):
    """A request is refused at its redirect URI, which is known to be the client's (RFC 6749 §4.1.2.1)."""

    def __init__(self, error: str, description: str, redirect_uri: str, state: str | None) -> None:
        super().__init__(error)
        self.error, self.description, self.redirect_uri, self.state = error, description, redirect_uri, state

    def url(self, issuer: str) -> str:
        """Where the browser goes. `iss` says who refused (RFC 9207 §2)."""
        values = {"error": self.error, "error_description": self.description}
        return answer_url(self.redirect_uri, values, self.state, issuer)


def answer_url(redirect_uri: str, values: Mapping[str, str], state: str | None, issuer: str) -> str:
    """The redirect URI with an answer in its query, after the parameters that it has itself."""
    answer = {**values, **({"state": state} if state else {}), "iss": issuer}
    return f"{redirect_uri}{'&' if '?' in redirect_uri else '?'}{urlencode(answer)}"
