"""What differs between providers, one module each: request parameters, and how claims are to be read."""

from app.oidc_client.adapters.base import Adapter
from app.oidc_client.adapters.idme import IdmeAdapter
from app.oidc_client.adapters.login_gov import LoginGovAdapter
from app.oidc_client.adapters.oidc import OidcAdapter
from app.oidc_client.provider import AdapterName

_ADAPTERS: dict[AdapterName, Adapter] = {"idme": IdmeAdapter(), "login_gov": LoginGovAdapter(), "oidc": OidcAdapter()}


def adapter_named(name: AdapterName) -> Adapter:
    """The adapter that a provider's configuration names."""
    return _ADAPTERS[name]
