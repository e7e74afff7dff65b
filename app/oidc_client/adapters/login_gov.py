"""Login.gov's ways: `acr_values` for everything, the authentication level echoed in the claim `aal`."""

from app.oidc_client.adapters.base import Ask, Claims
from app.oidc_client.adapters.oidc import AAL_URI, PHISHING_RESISTANT, OidcAdapter
from app.oidc_client.identity import text_of
from app.oidc_client.metadata import Metadata
from app.oidc_client.provider import ProviderConfig

# Two factors, one of which a remembered device may stand in for: no more than AAL1 for us.
_REMEMBERED_DEVICE = "urn:gov:gsa:ac:classes:sp:PasswordProtectedTransport:duo"


class LoginGovAdapter(OidcAdapter):
    """Login.gov; its `acr` tells the identity level only and is not read for assurance."""

    def request_parameters(self, config: ProviderConfig, metadata: Metadata, ask: Ask) -> dict[str, str]:
        """As configured; a demand for a level replaces the level in the configured `acr_values`."""
        parameters = super().request_parameters(config, metadata, ask)
        if ask.acr_values is None and (ask.minimum_aal is not None or ask.phishing_resistant):
            kept = [value for value in config.acr_values.split() if not value.startswith(AAL_URI)]
            level = f"{AAL_URI}{max(ask.minimum_aal or 2, 2)}"
            resistant = PHISHING_RESISTANT if ask.phishing_resistant and level == f"{AAL_URI}2" else ""
            parameters["acr_values"] = " ".join([*kept, level + resistant])
        return parameters

    def _confirmed(self, claims: Claims) -> list[object]:
        """`all_emails` holds confirmed addresses; none counts when the main one is not said to be confirmed."""
        if claims.get("email_verified") is not True:
            return []
        others = claims.get("all_emails")
        return [claims.get("email"), *(others if isinstance(others, list) else [])]

    def _stated_assurance(self, id_token: Claims, userinfo: Claims) -> str | None:
        return text_of(userinfo.get("aal", id_token.get("aal")))

    def _aal(self, stated: str | None, claims: Claims) -> int | None:
        return 1 if stated == _REMEMBERED_DEVICE else super()._aal(stated, claims)

    def end_session_parameters(self, config: ProviderConfig, id_token_hint: str | None) -> dict[str, str]:
        """The client's id alone: Login.gov may refuse a hint."""
        return {"client_id": config.client_id}
