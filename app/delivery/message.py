"""What is sent: one mail, text message or phone call. How it is kept and carried stands in `outbox` and the ports."""

import re
from dataclasses import dataclass, field
from typing import Literal, get_args
from uuid import uuid4

Channel = Literal["email", "sms", "voice"]
Kind = Literal["code", "notice"]
CHANNELS: tuple[Channel, ...] = get_args(Channel)

_LINK = re.compile(r"https?://[^\s<>\"]+")
_ID = re.compile(r"[A-Za-z0-9-]{1,64}")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")


def _new_id() -> str:
    return str(uuid4())


@dataclass(frozen=True)
class Message:
    """A message to one recipient.

    `to` is an address or an E.164 number. `subject` is for mail alone, and mail has one. `kind` says what a crash
    may do: a `code` is never handed over twice, a `notice` may be, under the same `id`, which is also the stem of
    the Message-ID. `link` is the first absolute URL of the text unless given. ValueError for anything that cannot
    be sent as meant, line breaks in `to` or `subject` (header injection) among them.
    """

    channel: Channel
    to: str
    subject: str | None
    text: str = field(repr=False)
    code: str | None = field(default=None, repr=False)
    link: str | None = field(default=None, repr=False)
    kind: Kind = field(kw_only=True)
    id: str = field(default_factory=_new_id)

    def __post_init__(self) -> None:
        if self.channel not in CHANNELS or self.kind not in get_args(Kind):
            raise ValueError("a message has a known channel and kind")
        if not _ID.fullmatch(self.id):
            raise ValueError("a message id is made of letters, digits and hyphens")
        if not self.to or _CONTROL.search(self.to) or _CONTROL.search(self.subject or ""):
            raise ValueError("recipient and subject are one line each, and there is a recipient")
        if (self.channel == "email") != bool(self.subject):
            raise ValueError("mail has a subject, and nothing else has one")
        if self.code is not None and self.kind != "code":
            raise ValueError("a message that carries a code is of the kind code")
        if self.link is None:
            object.__setattr__(self, "link", first_link(self.text))


def first_link(text: str) -> str | None:
    """The first absolute web address in `text`, without the punctuation of the sentence around it."""
    found = _LINK.search(text)
    return found.group().rstrip(".,;:!?)]}'*") if found else None
