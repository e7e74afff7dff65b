"""Registration: the password. Which passwords are good is `authenticators.passwords`'."""

from app.authenticators import passwords, totp
from app.authenticators.passwords import PasswordProblem
from app.credential_service.flows.means import Means
from app.credential_service.flows.registrations import Stage, email_of, new_ceremony, of_browser, seal_seed, stage
from app.storage.unit_of_work import unit_of_work


def choose_password(means: Means, browser_key: str, password: str) -> PasswordProblem | None:
    """Keep the hash of the password and make ready what each second step needs; or say why it may not be chosen."""
    row = of_browser(means.session, browser_key, means.now)
    if row is None or stage(row) is not Stage.PASSWORD:
        return None
    problem = passwords.check_new(password, own_words=(email_of(means, row),))
    if problem is not None:
        return problem
    # Hashed before the transaction: nobody else's writing waits for it.
    encoded = passwords.hash_password(password)
    with unit_of_work(means.session) as work:
        row = of_browser(work, browser_key, means.now)
        if row is not None and stage(row) is Stage.PASSWORD:
            row.password_hash = encoded
            row.sealed_seed = seal_seed(means, row, totp.new_secret())
            row.sealed_ceremony = new_ceremony(means, row)
    return None
