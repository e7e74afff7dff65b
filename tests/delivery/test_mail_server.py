"""How the mail relay's URL is read."""

import pytest

from app.delivery.mail_server import MailServer


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://localhost", MailServer("localhost", 25, tls=False)),
        ("smtp://mail.example.com:2525", MailServer("mail.example.com", 2525, tls=False)),
        ("smtp://u:p@mail.example.com", MailServer("mail.example.com", 587, tls=False, username="u", password="p")),
        ("smtps://u:p@mail.example.com/", MailServer("mail.example.com", 465, tls=True, username="u", password="p")),
        (
            "smtp://ro%40example.com:p%2F%3A%25%C3%A9@[::1]:2525",
            MailServer("::1", 2525, tls=False, username="ro@example.com", password="p/:%é"),
        ),
        ("smtp://token@h:25", MailServer("h", 25, tls=False, username="token")),
    ],
)
def test_a_url_names_the_relay(url: str, server: MailServer) -> None:
    assert MailServer.parse(url) == server


@pytest.mark.parametrize(
    "url",
    [
        "",
        "mail.example.com",
        "http://mail.example.com",
        "smtp://",
        "smtp://u:s3cret@h:99999",
        "smtp://u:s3cret@h:port",
        "smtp://u:s3cret@[::1",
        "smtp://u:s3cret/x@h",
        "smtp://u:s3cret@h?tls=no",
        "smtp://u:s3cret@h#x",
        "smtp://:s3cret@h",
        "smtp://u:s3cret%0d%0aRSET@h",
        "smtp://u:s3cret%ff@h",
    ],
)
def test_a_url_that_names_none_is_refused_without_telling_the_password(url: str) -> None:
    with pytest.raises(ValueError, match="mail URL") as refused:
        MailServer.parse(url)
    assert "s3cret" not in str(refused.value)


def test_its_printed_form_does_not_show_the_password() -> None:
    assert "s3cret" not in repr(MailServer.parse("smtp://u:s3cret@h"))


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("localhost", True),
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("[::1]", True),
        ("10.0.0.1", False),
        ("localhost.example.com", False),
        ("127.1", False),
    ],
)
def test_only_this_machine_is_local(host: str, *, local: bool) -> None:
    assert MailServer.parse(f"smtp://{host}").is_local is local
