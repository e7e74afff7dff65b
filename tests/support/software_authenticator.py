"""A WebAuthn authenticator in software (ES256), for tests below the browser; it also plays broken and hostile ones.

It takes the options that a page would hold and gives the JSON that a page's script would post.
"""

import base64
import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

UP, UV, BE, BS, AT = 0x01, 0x04, 0x08, 0x10, 0x40
AAGUID = bytes.fromhex("50f7c0de" * 4)


def encode(octets: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """The octets of base64url with or without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class Key:
    """A credential the authenticator holds."""

    credential_id: bytes
    private: ec.EllipticCurvePrivateKey
    rp_id: str
    user_handle: bytes
    sign_count: int = 0

    @property
    def cose(self) -> bytes:
        """The public key as COSE (RFC 9053 §7.1.1): EC2, ES256, P-256."""
        numbers = self.private.public_key().public_numbers()
        x, y = numbers.x.to_bytes(32, "big"), numbers.y.to_bytes(32, "big")
        return cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})


@dataclass
class SoftwareAuthenticator:
    """A device and its browser; change its fields before a ceremony to play another one.

    Flags UP|UV are a security key with a PIN, UP|UV|BE|BS with `counts=False` a synced passkey. `client_data` overrides
    what the browser would write.
    """

    origin: str
    flags: int = UP | UV
    counts: bool = True
    transports: tuple[str, ...] = ("usb",)
    rp_id: str | None = None
    client_data: dict[str, Any] = field(default_factory=dict)
    keys: list[Key] = field(default_factory=list)

    def create(self, options: str) -> str:
        """Answer navigator.credentials.create() with a new key and no attestation."""
        asked = json.loads(options)
        key = Key(
            credential_id=secrets.token_bytes(32),
            private=ec.generate_private_key(ec.SECP256R1()),
            rp_id=asked["rp"]["id"],
            user_handle=decode(asked["user"]["id"]),
        )
        self.keys.append(key)
        attested = AAGUID + len(key.credential_id).to_bytes(2, "big") + key.credential_id + key.cose
        data = self._authenticator_data(key, self.flags | AT) + attested
        response = {
            "clientDataJSON": encode(self._client_data("webauthn.create", asked["challenge"])),
            "attestationObject": encode(cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})),
            "transports": list(self.transports),
        }
        return self._credential(key, response)

    def get(self, options: str) -> str:
        """Answer navigator.credentials.get() with the newest key that the options allow. LookupError without one."""
        asked = json.loads(options)
        allowed = {decode(credential["id"]) for credential in asked.get("allowCredentials") or []}
        fitting = [
            key for key in self.keys if key.rp_id == asked["rpId"] and (not allowed or key.credential_id in allowed)
        ]
        if not fitting:
            raise LookupError("no credential here fits the options")
        key = fitting[-1]
        client_data = self._client_data("webauthn.get", asked["challenge"])
        data = self._authenticator_data(key, self.flags)
        signature = key.private.sign(data + hashlib.sha256(client_data).digest(), ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": encode(client_data),
            "authenticatorData": encode(data),
            "signature": encode(signature),
            "userHandle": encode(key.user_handle),
        }
        return self._credential(key, response)

    def _client_data(self, ceremony: str, challenge: str) -> bytes:
        written = {"type": ceremony, "challenge": challenge, "origin": self.origin, "crossOrigin": False}
        return json.dumps(written | self.client_data).encode()

    def _authenticator_data(self, key: Key, flags: int) -> bytes:
        key.sign_count += 1 if self.counts else 0
        rp_id = self.rp_id or key.rp_id
        return hashlib.sha256(rp_id.encode()).digest() + bytes([flags]) + key.sign_count.to_bytes(4, "big")

    def _credential(self, key: Key, response: dict[str, Any]) -> str:
        name = encode(key.credential_id)
        return json.dumps(
            {"id": name, "rawId": name, "type": "public-key", "response": response, "clientExtensionResults": {}}
        )
