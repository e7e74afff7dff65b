"""What a carrier of messages offers, and the ways in which it can fail. The carriers are `mail` and `fake`."""

from enum import StrEnum
from typing import Protocol

from app.delivery.message import Message


class Reason(StrEnum):
    """Why a message was not delivered; kept beside it in the outbox, and safe to log."""

    UNREACHABLE = "unreachable"
    LANDLINE = "landline"
    OPTED_OUT = "opted_out"
    REGION_UNSUPPORTED = "region_unsupported"
    VOICE_UNSUPPORTED = "voice_unsupported"
    ADDRESS_REFUSED = "address_refused"
    MESSAGE_REFUSED = "message_refused"
    NO_PORT = "no_port"
    BUSY = "busy"
    UNAVAILABLE = "unavailable"
    SIGN_IN_REFUSED = "sign_in_refused"
    UNSAFE_LINE = "unsafe_line"
    UNREADABLE = "unreadable"
    UNEXPECTED = "unexpected"
    EXPIRED = "expired"
    INTERRUPTED = "interrupted"


class DeliveryError(Exception):
    """A message was not delivered. Its text is the reason alone: never an address, a number or a server's words."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.value)
        self.reason = reason


class PermanentError(DeliveryError):
    """Trying again would not help."""


class TemporaryError(DeliveryError):
    """The message was certainly not taken, and may be taken later."""


class UncertainError(DeliveryError):
    """The line broke while the message was being taken: it may have left. A notice is tried again, a code is not."""


class Port(Protocol):
    """A carrier of messages."""

    def send(self, message: Message) -> None:
        """Hand the message over. DeliveryError says that it was not, or perhaps not, taken."""
        ...
