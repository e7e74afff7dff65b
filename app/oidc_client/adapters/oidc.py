"""Any OpenID Provider that keeps to the standard. The providers that do not have modules of their own."""

from app.oidc_client.adapters.base import Ask, Claims
from app.oidc_client.addresses import clean_addresses, first_of
from app.oidc_client.identity import ProviderIdentity, text_of, texts_of, time_of
from app.oidc_client.metadata import Metadata
from app.oidc_client.provider import ProviderConfig

AAL_URI = "http://idmanagement.gov/ns/assurance/aal/"
_IAL1_AAL_URI = "http://idmanagement.gov/ns/assurance/ial/1/aal/"
PHISHING_RESISTANT = "?phishing_resistant=true"

# Only values that state a NIST level in so many words count. RFC 8176's amr "mfa" says neither how strong nor when.
_AAL_OF_ACR = {
    f"{AAL_URI}1": 1,
    f"{AAL_URI}2": 2,
    f"{AAL_URI}2{PHISHING_RESISTANT}": 2,
    f"{AAL_URI}2?hspd12=true": 2,
    f"{AAL_URI}3": 3,
    f"{AAL_URI}3?hspd12=true": 3,
    f"{_IAL1_AAL_URI}1": 1,
    f"{_IAL1_AAL_URI}2": 2,
}
# "phr" and "phrh": OpenID Connect Extended Authentication Profile (EAP) ACR Values 1.0.
_RESISTANT_ACRS = frozenset(("phr", "phrh", *(uri for uri in _AAL_OF_ACR if "?" in uri), f"{AAL_URI}3"))

_ADDRESS_CLAIMS = frozenset(("email", "email_verified", "emails_confirmed", "all_emails"))


class OidcAdapter:
    """OpenID Connect Core 1.0 §5.1 claims; assurance through `acr`."""

    def request_parameters(self, config: ProviderConfig, metadata: Metadata, ask: Ask) -> dict[str, str]:
        """`acr_values` as configured or asked, `prompt=create` for a registration where the provider has it."""
        parameters = {"scope": config.scope}
        acr_values = config.acr_values if ask.acr_values is None else ask.acr_values
        if acr_values:
            parameters["acr_values"] = acr_values
        return {**parameters, **self._registration(metadata, ask)}

    def _registration(self, metadata: Metadata, ask: Ask) -> dict[str, str]:
        """Initiating User Registration via OpenID Connect 1.0: only when the metadata offers it."""
        return {"prompt": "create"} if ask.intent == "register" and "create" in metadata.prompt_values else {}

    def identity(self, config: ProviderConfig, id_token: Claims, userinfo: Claims) -> ProviderIdentity:
        """Profile claims come from userinfo, or from the ID token where userinfo is silent."""
        claims = {**id_token, **userinfo}
        # An address and the word that it is confirmed must come from the same place.
        contact = userinfo if _ADDRESS_CLAIMS & userinfo.keys() else id_token
        confirmed = clean_addresses(self._confirmed(contact))
        stated = self._stated_assurance(id_token, userinfo)
        return ProviderIdentity(
            provider=config.key,
            issuer=config.issuer,
            subject=id_token["sub"],
            email=first_of(contact.get("email"), confirmed),
            emails=confirmed,
            aal=self._aal(stated, claims),
            phishing_resistant=True if stated in _RESISTANT_ACRS else None,
            auth_time=time_of(id_token.get("auth_time")),
            acr=text_of(id_token.get("acr")),
            amr=texts_of(id_token.get("amr")),
            given_name=self._name(claims, "given_name"),
            family_name=self._name(claims, "family_name"),
        )

    def _confirmed(self, claims: Claims) -> list[object]:
        """Only an address whose `email_verified` is the JSON value true; a text "true" is not."""
        return [claims.get("email")] if claims.get("email_verified") is True else []

    def _stated_assurance(self, id_token: Claims, userinfo: Claims) -> str | None:
        return text_of(id_token.get("acr"))

    def _aal(self, stated: str | None, claims: Claims) -> int | None:
        return _AAL_OF_ACR.get(stated or "")

    def _name(self, claims: Claims, name: str) -> str | None:
        return text_of(claims.get(name))

    def end_session_parameters(self, config: ProviderConfig, id_token_hint: str | None) -> dict[str, str]:
        """The hint and the client's id (OpenID Connect RP-Initiated Logout 1.0 §2)."""
        hint = {"id_token_hint": id_token_hint} if id_token_hint else {}
        return {**hint, "client_id": config.client_id}
