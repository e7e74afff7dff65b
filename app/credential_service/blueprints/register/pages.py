"""What each stage of registration shows, whether it is come to by its address or by finishing the stage before."""

from typing import Any

from flask import Response, request

from app.authenticators import totp
from app.credential_service import session
from app.credential_service.asking import means
from app.credential_service.blueprints import journey
from app.credential_service.blueprints.kept import go, interaction_id, show
from app.credential_service.blueprints.problems import delivery_words
from app.credential_service.blueprints.register.forms import CodeForm, EmailForm, PasskeyForm, PasswordForm, PhoneForm
from app.credential_service.context import NAME
from app.credential_service.flows.create_account import Finished
from app.credential_service.flows.register_factor import ready
from app.credential_service.flows.registrations import (
    Stage,
    ceremony_of,
    email_of,
    just_finished,
    of_browser,
    phone_of,
    seed_of,
    stage_of,
)
from app.credential_service.flows.sent_codes import failure_of, phone_ending
from app.web.browser import browser
from app.web.guard import SAFE_METHODS, Guard

PATHS = {
    Stage.EMAIL: "/register",
    Stage.CONFIRM: "/register/confirm",
    Stage.PASSWORD: "/register/password",
    Stage.SECOND_STEP: "/register/second-step",
    Stage.RECOVERY_CODES: "/register/recovery-codes",
    Stage.ELSEWHERE: "/register/elsewhere",
}


def current_stage() -> Stage:
    """The stage this browser's registration is at."""
    if not browser().known:
        return Stage.EMAIL
    asking = means()
    return stage_of(asking.session, browser().key, asking.now)


def at_stage(wanted: Stage) -> Guard:
    """A guard that opens a stage when it is the current one, and otherwise sends the person to where they should be."""

    def check() -> Response | None:
        current = current_stage()
        if current is Stage.RECOVERY_CODES and session.current() is None:
            return go("/sign-in")  # the account exists: what belongs to it is for its session, and that is over
        if current is wanted or (request.method not in SAFE_METHODS and _may_be_repeated()):
            return None
        return go_to(current)

    return Guard(f"registration:{wanted}", sends_on=check)


def _may_be_repeated() -> bool:
    # The POST that finished comes again under the browser's old name when its answer was lost; the view decides.
    asking = means()
    return just_finished(asking.session, browser().key, asking.now) is not None


def go_to(stage: Stage) -> Response:
    """Send the person to a stage; who has an open session and nothing begun is through."""
    if stage is Stage.EMAIL and session.current() is not None:
        return journey.proceed(interaction_id())
    return go(PATHS[stage])


def show_current() -> Response:
    """The page of the current stage, as the answer to the POST that led there."""
    pages = {
        Stage.CONFIRM: show_confirm,
        Stage.PASSWORD: show_password,
        Stage.SECOND_STEP: show_second_step,
    }
    stage = current_stage()
    return pages[stage]() if stage in pages else go_to(stage)


def show_email(form: EmailForm, status: int = 200) -> Response:
    """Stage 1."""
    return show("register/email", status, form=form)


def known_email() -> str:
    """The address that this browser's registration is for, if it has begun one."""
    asking = means()
    row = of_browser(asking.session, browser().key, asking.now) if browser().known else None
    return email_of(asking, row) if row is not None else ""


def show_confirm(form: CodeForm | None = None, status: int = 200, **told: Any) -> Response:
    """Stage 2. `told`: `sent_again` (a mail has gone out), `not_sent` (why none has)."""
    told = {"sent_again": False, "not_sent": None} | told
    return show("register/confirm", status, form=form or CodeForm(), email=known_email(), **told)


def show_password(form: PasswordForm | None = None, status: int = 200) -> Response:
    """Stage 3."""
    return show("register/password", status, form=form or PasswordForm(), email=known_email())


def show_second_step() -> Response:
    """Stage 4: which second step."""
    return show("register/second_step")


def show_phone(form: PhoneForm, status: int = 200) -> Response:
    """The telephone's number."""
    return show("register/phone", status, form=form)


def show_phone_code(form: CodeForm | None = None, status: int = 200, not_sent: str | None = None) -> Response:
    """The code that was sent to the telephone; how its delivery went, as far as is known."""
    asking = means()
    row = ready(asking, browser().key)
    phone = phone_of(asking, row) if row is not None else None
    if row is None or phone is None:
        return go("/register/second-step/phone")
    failure = failure_of(asking.session, row)
    return show(
        "register/phone_code",
        status,
        form=form or CodeForm(),
        ending=phone_ending(phone.number),
        channel=row.code_channel or phone.channel,
        not_sent=not_sent or (delivery_words(failure) if failure else None),
    )


def show_app(form: CodeForm | None = None, status: int = 200) -> Response:
    """The authenticator app's secret, to scan or to type."""
    asking = means()
    row = ready(asking, browser().key)
    if row is None:
        return go_to(current_stage())
    seed = seed_of(asking, row)
    uri = totp.provisioning_uri(seed, issuer=str(NAME), label=email_of(asking, row))
    return show("register/app", status, form=form or CodeForm(), uri=uri, key=totp.typed_key(seed), qr_svg=totp.qr_svg)


def show_passkey(form: PasskeyForm | None = None, status: int = 200) -> Response:
    """A passkey or security key is made."""
    asking = means()
    row = ready(asking, browser().key)
    if row is None:
        return go_to(current_stage())
    options = ceremony_of(asking, row).options
    return show(
        "register/passkey", status, form=form or PasskeyForm(), options=options, page_scripts=["js/webauthn.js"]
    )


def show_codes(finished: Finished) -> Response:
    """Stage 5: the recovery codes, this once."""
    return show("register/recovery_codes", codes=finished.codes, signed_in=True)
