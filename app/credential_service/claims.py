"""What a client is told about a person: only what the consent covers, in the words of the client's profile."""

from typing import Any

from app.credential_service.profiles import IDME, Item, Profile
from app.credential_service.store.accounts import Account


def userinfo(profile: Profile, account: Account, address: str | None, items: frozenset[str]) -> dict[str, Any]:
    """The userinfo claims. `items` are the things consented to, `address` the e-mail address that was chosen."""
    shared = address if Item.EMAIL in items else None
    named = account if Item.NAME in items and has_name(account) else None
    make = _as_idme if profile is IDME else _as_core
    claims = {"sub": account.subject, **make(account.subject, shared, named)}
    return {name: value for name, value in claims.items() if value is not None}


def has_name(account: Account) -> bool:
    """Whether the person gave a name; registration asks for none."""
    return bool(account.given_name or account.family_name)


def full_name(account: Account) -> str:
    """The name as it is shown."""
    return " ".join(part for part in (account.given_name, account.family_name) if part)


def _as_core(subject: str, address: str | None, named: Account | None) -> dict[str, Any]:
    """OIDC Core §5.1. Every address that an account has was confirmed."""
    claims: dict[str, Any] = {"email": address, "email_verified": True if address else None}
    if named is not None:
        claims |= {"given_name": named.given_name, "family_name": named.family_name, "name": full_name(named)}
        claims["updated_at"] = int(named.name_changed_at.timestamp()) if named.name_changed_at else None
    return claims


def _as_idme(subject: str, address: str | None, named: Account | None) -> dict[str, Any]:
    """As ID.me names them. `emails_confirmed` holds what the person chose to share, not every address there is."""
    return {
        "uuid": subject,
        "email": address,
        "emails_confirmed": [address] if address else None,
        "fname": named.given_name if named else None,
        "lname": named.family_name if named else None,
        "multifactor": True,
        "credential_aal": 2,
        "credential_aal_highest": 2,
        "credential_ial": 1,
        "credential_ial_highest": 1,
        "level_of_assurance": 1,
    }
