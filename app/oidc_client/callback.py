"""What came back with the browser: reading the parameters of the redirect, before any request is made.

The caller looks the attempt up by `state` in between, bound to the browser and once; that is not done here.
"""

from collections.abc import Mapping, Sequence

from app.oidc_client.faults import Reason, SignInFault
from app.oidc_client.id_token import is_same_text
from app.oidc_client.request import PendingAttempt

Arguments = Mapping[str, str | Sequence[str]]

_LENGTH_LIMIT = 4096
_NAMES = ("state", "code", "error", "iss")

_REASON_OF_ERROR = {
    "access_denied": Reason.DECLINED,
    "login_required": Reason.LOGIN_REQUIRED,
    "interaction_required": Reason.LOGIN_REQUIRED,
    "consent_required": Reason.LOGIN_REQUIRED,
    "account_selection_required": Reason.LOGIN_REQUIRED,
    "temporarily_unavailable": Reason.TEMPORARILY_UNAVAILABLE,
    "unmet_authentication_requirements": Reason.ASSURANCE_NOT_MET,
}
# RFC 6749 §4.1.2.1 and Core §3.1.2.6: worth telling apart in a log; anything else is the provider's own words.
_OTHER_ERRORS = frozenset(
    ("invalid_request", "unauthorized_client", "unsupported_response_type", "invalid_scope", "server_error")
)


def read_state(arguments: Arguments) -> str:
    """The `state` to look the attempt up by. Raises SignInFault(CALLBACK_INVALID) when it is missing or repeated."""
    state = _single(arguments, "state")
    if state is None or not state.isascii():  # ours are ASCII
        raise SignInFault(Reason.CALLBACK_INVALID, "the callback has no state of ours")
    return state


def read_callback(arguments: Arguments, pending: PendingAttempt) -> str:
    """The authorization code of an answer to `pending`. Raises SignInFault with the reason it is none.

    Where the provider's metadata promised the parameter `iss`, it must be there (RFC 9207 §2.4). An error without it
    is still read as an error: it carries no code that a mix-up could steal, and who declined should be told so.
    """
    values = {name: _single(arguments, name) for name in _NAMES}
    if not is_same_text(values["state"], pending.state):
        raise SignInFault(Reason.STATE_MISMATCH, "the callback belongs to another attempt")
    _check_issuer(values["iss"], pending, required=pending.issuer_promised and values["error"] is None)
    if values["error"] is not None:
        raise _fault_of_error(values["error"])
    if values["code"] is None:
        raise SignInFault(Reason.CALLBACK_INVALID, "the callback has neither code nor error")
    return values["code"]


def _single(arguments: Arguments, name: str) -> str | None:
    """The parameter's only value; None when it is absent or empty (RFC 6749 §3.1: empty is omitted)."""
    value = arguments.get(name)
    values = [value] if isinstance(value, str) else list(value or ())
    if len(values) > 1:
        raise SignInFault(Reason.CALLBACK_INVALID, f"the callback repeats {name}")
    if values and len(values[0]) > _LENGTH_LIMIT:
        raise SignInFault(Reason.CALLBACK_INVALID, f"the callback's {name} is too long")
    return values[0] or None if values else None


def _check_issuer(issuer: str | None, pending: PendingAttempt, *, required: bool) -> None:
    if issuer is None and required:
        raise SignInFault(Reason.ISSUER_MISMATCH, "the callback lacks the issuer its provider promises")
    if issuer is not None and issuer != pending.issuer:
        raise SignInFault(Reason.ISSUER_MISMATCH, "the callback names another issuer")


def _fault_of_error(error: str) -> SignInFault:
    if error in _REASON_OF_ERROR:
        return SignInFault(_REASON_OF_ERROR[error], error)
    known = error if error in _OTHER_ERRORS else "an unregistered error"
    return SignInFault(Reason.PROVIDER_ERROR, known)
