"""What the credential service's pages need and no request brings: settings, keys, and the relying parties."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final, cast

from flask import Flask, current_app
from flask_babel import lazy_gettext

from app.credential_service.client_keys import ClientKeys
from app.credential_service.clients import Clients
from app.credential_service.settings import CredentialSettings
from app.storage.keyring import Keyring
from app.web.kit import Face

EXTENSION = "credential_service"
NAME: Final = lazy_gettext("ID.me stand-in")
"""What the service is called, on its pages and in authenticator apps; says at once what it is not."""


@dataclass(frozen=True)
class CredentialService:
    """One running credential service."""

    settings: CredentialSettings
    keyring: Keyring

    @property
    def issuer(self) -> str:
        """Its name in the protocol: the public URL, byte for byte."""
        return self.settings.public_url

    @cached_property
    def clients(self) -> Clients:
        """The relying parties."""
        return Clients(self.settings.registered_clients)

    @cached_property
    def client_keys(self) -> ClientKeys:
        """The keys with which relying parties sign their assertions, as far as they were fetched."""
        return ClientKeys()


def face(settings: CredentialSettings) -> Face:
    """What the layout says about the credential service."""
    return Face(name=NAME, kind="credential", home="/account", support={"email": settings.support_contact})


def install(app: Flask, running: CredentialService) -> None:
    """Make `service()` find it."""
    app.extensions[EXTENSION] = running


def service() -> CredentialService:
    """The credential service of the current request."""
    return service_of(current_app)


def service_of(app: Flask) -> CredentialService:
    """The credential service that an app runs."""
    return cast(CredentialService, app.extensions[EXTENSION])
