"""The settings as other programs rely on them: names, defaults, and what is refused by name and without its value."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from app.settings import ROOT, Settings, SettingsError

Set = Callable[..., None]
HINTS = "http://idmanagement.gov/ns/assurance/"


@pytest.fixture(autouse=True)
def _no_settings_of_the_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("QAAMS_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> Set:
    """Set environment variables, their names without `QAAMS_`."""

    def set_them(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(f"QAAMS_{name}", value)

    return set_them


def refused() -> str:
    with pytest.raises(SettingsError) as caught:
        Settings.read()
    return str(caught.value)


def test_without_any_it_is_embedded_and_stands_on_the_stand_in() -> None:
    settings = Settings.read()
    assert (settings.env, settings.public_url, settings.trusted_proxies) == ("embedded", "http://localhost:8000", 0)
    assert settings.providers == ("idme",)
    (provider,) = settings.provider_settings
    assert (provider.issuer, provider.client_id, provider.label) == ("http://localhost:8001", "qaams-portal", "ID.me")
    assert settings.database_url.startswith(f"sqlite:///{ROOT}/instance/")
    assert settings.shows_outbox
    assert settings.offers_usernames


def test_each_is_read_from_its_variable(given: Set, tmp_path: Path) -> None:
    given(
        ENV="test",
        PUBLIC_URL="https://portal.example.org:8080",
        ALLOWED_HOSTS="portal.example.org, Www.Example.Org",
        TRUSTED_PROXIES="2",
        SECRET_KEY="k" * 40,
        KEYS_FILE=str(tmp_path / "k.json"),
        DATABASE_URL="postgresql+psycopg://u:p@h/d",
        MAIL_URL="smtp://u:p@h:25",
        MAIL_FROM="QAAMS <a@example.org>",
        FAILURE_FLOOR_MS="300",
        SUPPORT_CONTACT="help@example.org",
        USERNAME_SIGN_IN="off",
    )
    settings = Settings.read()
    assert (settings.env, settings.public_url) == ("test", "https://portal.example.org:8080")
    assert settings.hosts == {"portal.example.org", "www.example.org", "127.0.0.1", "[::1]"}
    assert (settings.trusted_proxies, settings.secret_key, settings.failure_floor_ms) == (2, "k" * 40, 300)
    assert settings.keys_file == tmp_path / "k.json"
    assert settings.database_url == "postgresql+psycopg://u:p@h/d"
    assert (settings.mail_url, settings.mail_from) == ("smtp://u:p@h:25", "QAAMS <a@example.org>")
    assert settings.support_contact == "help@example.org"
    assert not settings.offers_usernames


def test_an_empty_variable_is_none(given: Set) -> None:
    given(PUBLIC_URL="", SECRET_KEY="", PROVIDERS="", IDME_ISSUER="", ENV="")
    assert Settings.read().public_url == "http://localhost:8000"


def test_they_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings.read().env = "production"


class TestHosts:
    @pytest.mark.parametrize(
        ("env", "hosts"),
        [("embedded", {"a.example", "127.0.0.1", "[::1]"}), ("test", {"a.example", "127.0.0.1", "[::1]"})],
    )
    def test_loopback_is_added_outside_production(self, given: Set, env: str, hosts: set[str]) -> None:
        given(ENV=env, PUBLIC_URL="https://A.example:8443")
        assert Settings.read().hosts == hosts

    def test_not_in_production(self) -> None:
        settings = Settings.model_construct(env="production", public_url="https://a.example", allowed_hosts=())
        assert settings.hosts == {"a.example"}

    def test_an_ipv6_address_keeps_its_brackets(self, given: Set) -> None:
        given(PUBLIC_URL="https://[2001:db8::1]:8000")
        assert "[2001:db8::1]" in Settings.read().hosts


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example/", "https://a.example/portal", "https://a.example?x", "https://a.example?", "https://a.example#",
        "ftp://a.example", "a.example", "https://", "https://user@a.example", "https://a.example:port", "https://a b",
        " https://a.example", "https://a.example\n", "javascript:alert(1)",
    ],
)  # fmt: skip
def test_a_public_url_is_an_origin(url: str) -> None:
    with pytest.raises(SettingsError, match="QAAMS_PUBLIC_URL: must be an origin"):
        Settings.read(public_url=url)


class TestDatabase:
    def test_a_relative_file_is_meant_from_the_root(
        self, given: Set, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.chdir(tmp_path)
        given(DATABASE_URL="sqlite:///instance/other.sqlite3")
        assert Settings.read().database_url == f"sqlite:///{ROOT}/instance/other.sqlite3"

    def test_an_absolute_one_stays(self, given: Set) -> None:
        given(DATABASE_URL="sqlite:////var/lib/qaams/portal.sqlite3")
        assert Settings.read().database_url == "sqlite:////var/lib/qaams/portal.sqlite3"

    @pytest.mark.parametrize("url", ["mysql://h/d", "postgresql://h/d", "portal.sqlite3", "sqlite://"])
    def test_another_kind_is_refused(self, given: Set, url: str) -> None:
        given(DATABASE_URL=url)
        assert "QAAMS_DATABASE_URL: must begin with" in refused()


class TestProviders:
    def test_login_gov_brings_what_it_asks_for(self, given: Set) -> None:
        given(PROVIDERS="idme,login_gov", LOGIN_GOV_ISSUER="https://idp.example.gov/", LOGIN_GOV_CLIENT_ID="urn:x")
        idme, login_gov = Settings.read().provider_settings
        assert idme.scope == f"openid {HINTS}ial/1/aal/2"
        assert (login_gov.label, login_gov.adapter) == ("Login.gov", "login_gov")
        assert login_gov.scope == "openid email all_emails"
        assert login_gov.acr_values == f"urn:acr.login.gov:auth-only {HINTS}aal/2"
        assert login_gov.issuer == "https://idp.example.gov/"

    def test_any_other_is_a_plain_one(self, given: Set) -> None:
        given(PROVIDERS="canton_2", CANTON_2_ISSUER="https://id.example.ch", CANTON_2_CLIENT_ID="qaams")
        (found,) = Settings.read().provider_settings
        assert (found.adapter, found.scope, found.acr_values, found.label) == ("oidc", "openid email", "", "Canton 2")

    def test_the_environment_wins_over_what_a_kind_brings(self, given: Set, tmp_path: Path) -> None:
        given(
            IDME_ISSUER="https://api.example.org",
            IDME_CLIENT_ID="mine",
            IDME_PRIVATE_KEY_FILE=str(tmp_path / "key.pem"),
            IDME_SCOPE="openid http://idmanagement.gov/ns/assurance/aal/2",
            IDME_ACR_VALUES=f"{HINTS}aal/2",
            IDME_ADAPTER="oidc",
            IDME_LABEL="ID.me (sandbox)",
        )
        (found,) = Settings.read().provider_settings
        assert (found.issuer, found.client_id, found.client_secret) == ("https://api.example.org", "mine", None)
        assert (found.adapter, found.label) == ("oidc", "ID.me (sandbox)")
        assert found.private_key_file == tmp_path / "key.pem"
        assert found.acr_values == f"{HINTS}aal/2"

    def test_the_stand_ins_secret_goes_with_its_client_only(self, given: Set) -> None:
        given(IDME_CLIENT_ID="mine")
        (found,) = Settings.read().provider_settings
        assert (found.client_id, found.client_secret) == ("mine", None)

    def test_and_its_client_with_its_secret_only(self, given: Set) -> None:
        given(IDME_CLIENT_SECRET="mine")
        assert "QAAMS_IDME_CLIENT_ID: " in refused()

    @pytest.mark.parametrize("providers", ["idme,idme", "Idme", "id-me", "../x", "username", "credential", "2nd", ","])
    def test_a_key_that_cannot_be_one_is_refused(self, given: Set, providers: str) -> None:
        given(PROVIDERS=providers)
        assert "QAAMS_PROVIDERS: " in refused()

    @pytest.mark.parametrize("missing", ["ISSUER", "CLIENT_ID"])
    def test_what_is_missing_is_named(self, given: Set, missing: str) -> None:
        values = {"ISSUER": "https://a.example", "CLIENT_ID": "x"}
        given(PROVIDERS="other", **{f"OTHER_{name}": value for name, value in values.items() if name != missing})
        assert f"QAAMS_OTHER_{missing}: " in refused()

    def test_a_secret_and_a_key_contradict_each_other(self, given: Set) -> None:
        given(IDME_CLIENT_ID="x", IDME_CLIENT_SECRET="s" * 40, IDME_PRIVATE_KEY_FILE="/k.pem")
        assert "CLIENT_SECRET and PRIVATE_KEY_FILE cannot both be set" in refused()

    def test_an_unknown_adapter_is_refused(self, given: Set) -> None:
        given(IDME_ADAPTER="saml")
        assert "QAAMS_IDME_ADAPTER: " in refused()

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("IDME_SCOPE", f"openid {HINTS}ial/2/aal/2"),
            ("IDME_SCOPE", "openid http://idmanagement.gov/ns/assurance/loa/3"),
            ("IDME_ACR_VALUES", "urn:acr.login.gov:verified"),
            ("IDME_ACR_VALUES", "urn:acr.login.gov:verified-facial-match-required"),
            ("IDME_ACR_VALUES", f"{HINTS}ial/2"),
        ],
    )
    def test_proofing_is_never_asked_for(self, given: Set, name: str, value: str) -> None:
        given(**{name: value})
        assert "asks for identity proofing" in refused()


def test_everything_that_is_wrong_is_named_at_once(given: Set) -> None:
    given(ENV="staging", TRUSTED_PROXIES="-1", PUBLIC_URL="x", FAILURE_FLOOR_MS="soon")
    text = refused()
    for name in ("ENV", "TRUSTED_PROXIES", "PUBLIC_URL", "FAILURE_FLOOR_MS"):
        assert f"QAAMS_{name}: " in text


def test_no_refusal_shows_a_secret(given: Set) -> None:
    secret = "hunter2-hunter2-hunter2-hunter2-hunter2"
    given(
        ENV="production",
        PUBLIC_URL=f"http://u:{secret}@h",
        SECRET_KEY=secret[:20],
        DATABASE_URL=f"mysql://u:{secret}@h/d",
        MAIL_URL=f"smtp://u:{secret}@h",
        IDME_CLIENT_SECRET=secret,
        IDME_PRIVATE_KEY_FILE=f"/{secret}",
    )
    assert secret[:16] not in refused()
    given(ENV="test", PUBLIC_URL="http://localhost", DATABASE_URL="sqlite:///x", IDME_CLIENT_ID="x")
    assert secret[:16] not in refused()


@pytest.mark.parametrize(
    "url", ["http://localhost:9", "http://127.0.0.1", "http://[::1]:8000", "http://portal.localhost"]
)
def test_http_is_for_this_machine(given: Set, url: str) -> None:
    given(PUBLIC_URL=url)
    assert not Settings.read().secure


@pytest.mark.parametrize(
    "url", ["http://portal.example.org", "http://192.168.1.4:8000", "http://localhost.example.org"]
)
def test_http_is_for_no_other(given: Set, url: str) -> None:
    given(PUBLIC_URL=url)
    with pytest.raises(SettingsError, match="QAAMS_PUBLIC_URL: must be https"):
        Settings.read()
