"""What every adapter offers, and the values that go in and out of it. No provider's rules live here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from app.oidc_client.identity import ProviderIdentity
from app.oidc_client.metadata import Metadata
from app.oidc_client.provider import ProviderConfig

Claims = Mapping[str, Any]


@dataclass(frozen=True)
class Ask:
    """What one request wants beyond the configuration.

    `acr_values` replaces the configured ones. `minimum_aal` and `phishing_resistant` are demands: an answer that does
    not state them ends the sign-in. `max_age` is seconds. `ui_locales` and `prompt` are space-separated.
    """

    intent: Literal["sign-in", "register"] = "sign-in"
    max_age: int | None = None
    acr_values: str | None = None
    minimum_aal: int | None = None
    phishing_resistant: bool = False
    login_hint: str | None = None
    prompt: str | None = None
    ui_locales: str | None = None


class Adapter(Protocol):
    """One provider's ways."""

    def request_parameters(self, config: ProviderConfig, metadata: Metadata, ask: Ask) -> dict[str, str]:
        """Parameters of the authorization request; `scope` is always among them."""

    def identity(self, config: ProviderConfig, id_token: Claims, userinfo: Claims) -> ProviderIdentity:
        """Who signed in, from checked claims. What decides (subject, time, acr) comes from the ID token.

        Raises SignInFault when the claims contradict each other.
        """

    def end_session_parameters(self, config: ProviderConfig, id_token_hint: str | None) -> dict[str, str]:
        """Parameters that say who signs out, beside the return address and `state`."""
