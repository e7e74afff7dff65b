"""Registration: e-mail address, confirmation, password, recovery codes. The second step is in `factor_routes`."""

from flask import Response

from app.authenticators.throttle import Wait
from app.credential_service import session
from app.credential_service.asking import means
from app.credential_service.blueprints import journey
from app.credential_service.blueprints.kept import interaction_id, login_hint, newest_interaction_id, show
from app.credential_service.blueprints.problems import code_words, password_words, send_words, wait_words
from app.credential_service.blueprints.register import blueprint, pages
from app.credential_service.blueprints.register.forms import CodeForm, EmailForm, PasswordForm
from app.credential_service.flows import create_account, register_email, register_password
from app.credential_service.flows.answers import Check
from app.credential_service.flows.register_email import Place
from app.credential_service.flows.registrations import Stage
from app.web.browser import browser
from app.web.forms import posted_request_key
from app.web.guard import PUBLIC, guarded

CONFIRM = pages.at_stage(Stage.CONFIRM)
PASSWORD = pages.at_stage(Stage.PASSWORD)
RECOVERY_CODES = pages.at_stage(Stage.RECOVERY_CODES)
ELSEWHERE = pages.at_stage(Stage.ELSEWHERE)


@blueprint.get("/register")
@guarded(PUBLIC)
def register() -> Response:
    """Ask for the e-mail address; also the way to change it."""
    return pages.show_email(EmailForm(email=pages.known_email() or login_hint()))


@blueprint.post("/register")
@guarded(PUBLIC)
def give_email() -> Response:
    """Send the mail, and ask for what is in it."""
    form = EmailForm.of_request()
    if not form.validate():
        return pages.show_email(form, 422)
    decision = register_email.start(means(), browser().key, form.address, posted_request_key())
    if isinstance(decision, Wait):
        form.refuse("email", wait_words(decision))
        return pages.show_email(form, 422)
    return pages.show_current()


@blueprint.get("/register/confirm")
@guarded(CONFIRM)
def confirm() -> Response:
    """Ask for the code."""
    return pages.show_confirm()


@blueprint.post("/register/confirm")
@guarded(CONFIRM)
def confirm_by_code() -> Response:
    """Check the code."""
    form = CodeForm.of_request()
    answer = register_email.confirm_by_code(means(), browser().key, form.code.data or "")
    if answer in (Check.RIGHT, Check.GONE):
        return pages.show_current()
    form.refuse("code", code_words(answer, "mail"))
    return pages.show_confirm(form, 422)


@blueprint.post("/register/confirm/resend")
@guarded(CONFIRM)
def resend() -> Response:
    """Send the mail again."""
    decision = register_email.send_again(means(), browser().key, posted_request_key())
    if isinstance(decision, Wait):
        return pages.show_confirm(not_sent=send_words(decision))
    return pages.show_confirm(sent_again=True)


@blueprint.get("/register/confirm/<token>")
@guarded(PUBLIC)
def link(token: str) -> Response:
    """The page behind the link of the mail: a button, since programs that guard mailboxes open links."""
    found = register_email.look_at_link(means(), token, browser().key)
    if found.place is Place.OVER:
        return show("register/link_over", 410)
    elsewhere = found.place is Place.ELSEWHERE
    return show("register/link", waiting=newest_interaction_id(), token=token, email=found.address, elsewhere=elsewhere)


@blueprint.post("/register/confirm/<token>")
@guarded(PUBLIC)
def follow_link(token: str) -> Response:
    """Confirm, and go on in this browser."""
    if not register_email.follow_link(means(), token, browser().key):
        return show("register/link_over", 410)
    return pages.show_current()


@blueprint.get("/register/elsewhere")
@guarded(ELSEWHERE)
def elsewhere() -> Response:
    """Say that the registration has left this browser."""
    return show("register/elsewhere")


@blueprint.get("/register/password")
@guarded(PASSWORD)
def password() -> Response:
    """Ask for a password."""
    return pages.show_password()


@blueprint.post("/register/password")
@guarded(PASSWORD)
def choose_password() -> Response:
    """Keep it, or say why not."""
    form = PasswordForm.of_request()
    if not form.validate():
        return pages.show_password(form, 422)
    problem = register_password.choose_password(means(), browser().key, form.password.data or "")
    if problem is not None:
        form.refuse("password", password_words(problem))
        return pages.show_password(form, 422)
    return pages.show_current()


@blueprint.get("/register/recovery-codes")
@guarded(RECOVERY_CODES)
def recovery_codes() -> Response:
    """The codes were on a page that is gone: offer new ones."""
    return show("register/recovery_codes", codes=(), signed_in=True)


@blueprint.post("/register/recovery-codes/new")
@guarded(RECOVERY_CODES)
def new_recovery_codes() -> Response:
    """Show a new sheet; the one that nobody has kept is void."""
    codes = create_account.new_sheet(means(), browser().key)
    return show("register/recovery_codes", codes=codes, signed_in=True) if codes else pages.show_current()


@blueprint.post("/register/recovery-codes")
@guarded(RECOVERY_CODES)
def saved_recovery_codes() -> Response:
    """Registration is over: on to what the person came for."""
    if session.current() is not None:
        create_account.acknowledge(means(), browser().key)
    return journey.proceed(interaction_id())
