"""What sign-in shows, and who may see it."""

from typing import Any

from flask import Response, request

from app.credential_service import session
from app.credential_service.asking import means
from app.credential_service.blueprints import journey
from app.credential_service.blueprints.kept import go, interaction_id, show
from app.credential_service.blueprints.problems import delivery_words
from app.credential_service.blueprints.sign_in.forms import RecoveryForm, SecondStepForm, SignInForm
from app.credential_service.flows.second_step import ceremony_for
from app.credential_service.flows.sent_codes import failure_of
from app.credential_service.flows.sign_ins import RECOVERY, Way, just_finished, of_browser, ways
from app.credential_service.store.sign_ins import SignIn
from app.web.browser import browser
from app.web.guard import SAFE_METHODS, Guard

TEMPLATES = {"phone": "phone", "totp": "app", "passkey": "passkey", RECOVERY: "recovery"}


def attempt() -> SignIn | None:
    """This browser's unfinished sign-in."""
    asking = means()
    return of_browser(asking.session, browser().key, asking.now) if browser().known else None


def _second_step() -> Response | None:
    row = attempt()
    return None if row is not None and row.account_id is not None else _elsewhere()


def _passkey() -> Response | None:
    row = attempt()
    return None if row is not None and row.account_id is None else _elsewhere()


def _elsewhere() -> Response | None:
    asking = means()
    if request.method not in SAFE_METHODS and just_finished(asking.session, browser().key, asking.now):
        # The POST that finished comes again under the browser's old name when its answer was lost; the view decides.
        return None
    return journey.proceed(interaction_id()) if session.current() is not None else go("/sign-in")


# On every page of the journey: the next page may come as a fragment, and a fragment brings no script.
SCRIPTS = ["js/webauthn.js"]

SECOND_STEP = Guard("sign_in:second_step", sends_on=_second_step)
PASSKEY = Guard("sign_in:passkey", sends_on=_passkey)


def show_sign_in(form: SignInForm, status: int = 200) -> Response:
    """The first page."""
    return show("sign_in/sign_in", status, form=form, signed_out="signed_out" in request.args, page_scripts=SCRIPTS)


def show_way(
    way: Way | None, form: SecondStepForm | None = None, status: int = 200, not_sent: str | None = None
) -> Response:
    """The page of one way to take the second step; without any, the page that says how to get help."""
    row = attempt()
    if row is None:
        return go("/sign-in")
    if way is None:
        return show("sign_in/no_way")
    form = form or (RecoveryForm() if way.kind == RECOVERY else SecondStepForm())
    context: dict[str, Any] = {"form": form, "way": way, "page_scripts": SCRIPTS}
    if way.kind == "phone":
        context |= _phone_context(row, way, not_sent)
        # An error stands beside its field, so the field is there even if no code is on its way.
        context["sent"] = context["sent"] or bool(form.errors)
    if way.kind == "passkey":
        ceremony = ceremony_for(means(), row)
        context["options"] = ceremony.options if ceremony else "{}"
    return show(f"sign_in/{TEMPLATES[way.kind]}", status, **context)


def _phone_context(row: SignIn, way: Way, not_sent: str | None) -> dict[str, Any]:
    sent = row.code_hash is not None and row.code_authenticator_id == way.id
    failure = failure_of(means().session, row) if sent else None
    return {
        "sent": sent,
        "channel": row.code_channel if sent else way.channel,
        "not_sent": not_sent or (delivery_words(failure) if failure else None),
    }


def show_ways() -> Response:
    """All ways to take the second step."""
    row = attempt()
    return show("sign_in/ways", ways=ways(means().session, (row.account_id if row else None) or ""))


def show_passkey_alone(form: SecondStepForm | None = None, status: int = 200) -> Response:
    """A passkey says who it is."""
    row = attempt()
    ceremony = ceremony_for(means(), row) if row is not None else None
    if ceremony is None:
        return go("/sign-in")
    return show(
        "sign_in/passkey_alone",
        status,
        form=form or SecondStepForm(),
        options=ceremony.options,
        page_scripts=SCRIPTS,
    )
