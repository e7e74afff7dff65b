"""Our own private keys, read from PEM: one signs who we are, the other opens what was encrypted to us."""

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from joserfc.jwk import ECKey, RSAKey

SMALLEST_RSA = 2048  # bits, RFC 7518 §3.3


def signing_key(pem: str) -> tuple[str, RSAKey | ECKey]:
    """The algorithm and key for signatures: RS256, or ES256 for P-256. Raises ValueError for any other text."""
    private_key = _load(pem)
    if isinstance(private_key, RSAPrivateKey) and private_key.key_size >= SMALLEST_RSA:
        return "RS256", RSAKey.import_key(pem)
    if isinstance(private_key, EllipticCurvePrivateKey) and private_key.curve.name == "secp256r1":
        return "ES256", ECKey.import_key(pem)
    raise ValueError("the private key is neither RSA of 2048 bits or more nor P-256")


def decryption_key(pem: str) -> RSAKey:
    """The key for RSA-OAEP. Raises ValueError for any other text."""
    private_key = _load(pem)
    if isinstance(private_key, RSAPrivateKey) and private_key.key_size >= SMALLEST_RSA:
        return RSAKey.import_key(pem)
    raise ValueError("the decryption key is not RSA of 2048 bits or more")


def _load(pem: str) -> PrivateKeyTypes:
    try:
        return load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise ValueError("not an unencrypted private key in PEM form") from None
