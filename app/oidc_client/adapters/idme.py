"""ID.me's ways: assurance through scope, names of its own for claims, all addresses confirmed by contract."""

from app.oidc_client.adapters.base import Ask, Claims
from app.oidc_client.adapters.oidc import OidcAdapter
from app.oidc_client.faults import Reason, SignInFault
from app.oidc_client.identity import ProviderIdentity, text_of
from app.oidc_client.metadata import Metadata
from app.oidc_client.provider import ProviderConfig

_NAMES = {"given_name": "fname", "family_name": "lname"}
_LEVELS = (1, 2, 3)


class IdmeAdapter(OidcAdapter):
    """ID.me, and the stand-in that behaves like it."""

    def request_parameters(self, config: ProviderConfig, metadata: Metadata, ask: Ask) -> dict[str, str]:
        """A level asked for takes the place of the configured scope's; registration is `op=signup`."""
        parameters = {"scope": config.scope, **self._registration(metadata, ask)}
        if config.acr_values:
            parameters["acr_values"] = config.acr_values
        if ask.acr_values:
            parameters["scope"] = f"openid {ask.acr_values}"
        if ask.intent == "register":
            parameters["op"] = "signup"
        return parameters

    def identity(self, config: ProviderConfig, id_token: Claims, userinfo: Claims) -> ProviderIdentity:
        """As the standard has it, once `uuid`, which repeats the subject, is known to agree with it."""
        if "uuid" in userinfo and userinfo["uuid"] != id_token["sub"]:
            raise SignInFault(Reason.USERINFO_MISMATCH, "userinfo's uuid is another person's")
        return super().identity(config, id_token, userinfo)

    def _confirmed(self, claims: Claims) -> list[object]:
        """ID.me gives no `email_verified`: it releases confirmed addresses only. An outright false is believed."""
        main = [] if claims.get("email_verified") is False else [claims.get("email")]
        others = claims.get("emails_confirmed")
        return main + (others if isinstance(others, list) else [])

    def _aal(self, stated: str | None, claims: Claims) -> int | None:
        """`credential_aal` is the level of this sign-in (`credential_aal_highest` is not, and is never read).

        Where it is missing, `multifactor` says two factors or one. Where both are there and disagree, the lower counts.
        """
        level, multifactor = claims.get("credential_aal"), claims.get("multifactor")
        if multifactor is False:
            return 1
        if type(level) is int and level in _LEVELS:
            return level
        return 2 if multifactor is True else super()._aal(stated, claims)

    def _name(self, claims: Claims, name: str) -> str | None:
        return text_of(claims.get(_NAMES[name])) or super()._name(claims, name)
