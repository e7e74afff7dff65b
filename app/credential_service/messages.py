"""The words of what this service sends, from `templates/messages/`; the first line of a mail is its subject."""

from flask import current_app

from app.credential_service.flows.means import Words
from app.delivery.message import Channel

SUBJECT = "Subject: "


def compose(name: str, channel: Channel, /, **values: object) -> Words:
    """Write a message in the language of the request."""
    text = current_app.jinja_env.get_template(f"messages/{name}.{channel}.txt").render(values).strip()
    if channel != "email":
        return Words(None, text)
    subject, _, body = text.partition("\n")
    return Words(subject.removeprefix(SUBJECT).strip(), body.strip() + "\n")
