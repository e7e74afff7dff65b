"""What the portal's pages need and no request brings: settings, keys and the providers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from flask import Flask, current_app

from app.models.base import db
from app.models.queries.installation import holds_demo_data
from app.oidc_client.client import RelyingParty
from app.oidc_client.provider import ProviderConfig
from app.settings import ProviderSettings, Settings, SettingsError
from app.storage.keyring import Keyring
from app.web.kit import Face

EXTENSION = "portal"


@dataclass(frozen=True)
class Portal:
    """One running portal."""

    settings: Settings
    keyring: Keyring
    parties: Mapping[str, RelyingParty]


def face(settings: Settings) -> Face:
    """What the layout says about the portal."""
    return Face(name="QAAMS", kind="portal", home="/", support={"email": settings.support_contact})


def relying_parties(settings: Settings) -> dict[str, RelyingParty]:
    """One relying party a provider of the settings, in their order. SettingsError when a key file cannot be read."""
    return {found.provider: RelyingParty(_config(settings, found)) for found in settings.provider_settings}


def _config(settings: Settings, found: ProviderSettings) -> ProviderConfig:
    variable = f"QAAMS_{found.provider.upper()}"
    try:
        private_key = found.private_key_file.read_text("ascii") if found.private_key_file else None
        return ProviderConfig(
            key=found.provider,
            label=found.label,
            issuer=found.issuer,
            client_id=found.client_id,
            client_secret=found.client_secret,
            private_key=private_key,
            redirect_uri=f"{settings.public_url}/callback/{found.provider}",
            post_logout_redirect_uri=f"{settings.public_url}/signed-out",
            adapter=found.adapter,
            scope=found.scope,
            acr_values=found.acr_values,
            time_limit=settings.provider_time_limit,
        )
    except OSError:
        raise SettingsError([f"{variable}_PRIVATE_KEY_FILE: cannot be read"]) from None
    except ValueError as error:
        raise SettingsError([f"{variable}_*: {error}"]) from None


def install(app: Flask, running: Portal) -> None:
    """Make `portal()` find it."""
    app.extensions[EXTENSION] = running


def portal() -> Portal:
    """The portal of the current request."""
    return portal_of(current_app)


def refuse_demo_data(app: Flask) -> None:
    """Production does not start on a database that was seeded with demo people, whose password everybody knows."""
    if portal_of(app).settings.env != "production":
        return
    with app.app_context():
        if holds_demo_data(db.session()):
            raise SettingsError(["QAAMS_DATABASE_URL: the database holds demo data"])


def portal_of(app: Flask) -> Portal:
    """The portal that an app runs."""
    return cast(Portal, app.extensions[EXTENSION])
