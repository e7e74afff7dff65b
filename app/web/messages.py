"""Messages from templates: the words of a mail, a text message or a call, in `messages/<name>.<channel>.txt`.

A mail's first line is `Subject: …`, then an empty line, then the text.
"""

from collections.abc import Callable
from typing import Any

from flask import render_template

from app.delivery.message import Channel, Kind, Message

# What a flow is handed, so that it can send words without knowing templates.
Compose = Callable[..., Message]


def compose(
    name: str, channel: Channel, to: str, /, *, kind: Kind = "notice", code: str | None = None, **context: Any
) -> Message:
    """The message `name` for one recipient. `context` goes to the template, `code` too."""
    text = render_template(f"messages/{name}.{channel}.txt", code=code, **context).strip() + "\n"
    subject = None
    if channel == "email":
        first, _, text = text.partition("\n")
        subject, text = first.removeprefix("Subject:").strip(), text.lstrip("\n")
    return Message(channel, to, subject, text, code=code, kind=kind)
