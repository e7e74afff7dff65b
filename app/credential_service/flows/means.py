"""What every flow of the accounts side works with, and how a flow sends: into the outbox, in its own transaction."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy.orm import Session

from app.credential_service.store.base import outbox
from app.delivery.message import Channel, Message
from app.delivery.outbox import enqueue
from app.storage.keyring import Keyring


@dataclass(frozen=True)
class Words:
    """A message's words: the subject of a mail (None elsewhere) and the text."""

    subject: str | None
    text: str


class Compose(Protocol):
    """Writes the message `name` for a channel, from its template, in the person's language."""

    def __call__(self, name: str, channel: Channel, /, **values: object) -> Words:
        """The words."""
        ...


@dataclass(frozen=True)
class Means:
    """One request's means. `address` is the network that asks (`throttle.network`), `now` the moment of asking."""

    session: Session
    keyring: Keyring
    compose: Compose
    public_url: str
    address: str
    now: datetime

    def keyed(self, purpose: str, value: str) -> str:
        """A keyed hash of `value` in hex, for rows that must find a person again and not name one."""
        return self.keyring.mac(purpose, value.encode("utf-8", "surrogatepass")).hex()

    def proof(self, request_key: str, answer: str) -> bytes:
        """Recognises one POST: its idempotency key and what was answered. An empty key recognises nothing."""
        if not request_key:
            return secrets.token_bytes(32)
        return self.keyring.mac("proof", f"{request_key}\0{answer}".encode("utf-8", "surrogatepass"))


def send_code(means: Means, work: Session, name: str, channel: Channel, to: str, *, code: str, **values: object) -> str:
    """Put a message with a code into the outbox and return the message's id."""
    words = means.compose(name, channel, code=code, **values)
    message = Message(channel, to, words.subject, words.text, code=code, kind="code")
    enqueue(work, outbox, means.keyring, message, means.now)
    return message.id


def send_notice(means: Means, work: Session, name: str, to: str, **values: object) -> str:
    """Put a mail that only tells something into the outbox and return its id."""
    words = means.compose(name, "email", **values)
    message = Message("email", to, words.subject, words.text, kind="notice")
    enqueue(work, outbox, means.keyring, message, means.now)
    return message.id
