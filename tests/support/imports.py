"""Usernames files and old hashes for tests; the hashes are made by code that is not ours, and cheaply."""

import csv
import hashlib
from base64 import b64encode
from datetime import datetime
from io import BytesIO, StringIO

from sqlalchemy.orm import Session

from app.flows.identity.import_usernames import RefusedRow, Tally, import_usernames

PASSWORD = "old but gold 7"
HEADER = "username,email,given_name,family_name,password_hash,entity_id,role,cohort,last_sign_in,status"


def old_hash(password: str = PASSWORD, *, iterations: int = 1000, salt: str = "seasalt") -> str:
    made = hashlib.pbkdf2_hmac("sha256", password.encode(), salt.encode(), iterations)
    return f"pbkdf2_sha256${iterations}${salt}${b64encode(made).decode()}"


def usernames_file(*rows: dict[str, str], header: str = HEADER) -> bytes:
    """A file with these rows; what a row leaves out is empty, but for an old hash of `PASSWORD`."""
    text = StringIO()
    writer = csv.DictWriter(text, fieldnames=header.split(","))
    writer.writeheader()
    for row in rows:
        writer.writerow({"password_hash": old_hash()} | row)
    return text.getvalue().encode()


def run_import(session: Session, content: bytes, now: datetime) -> tuple[Tally, list[RefusedRow]]:
    """Import and give the sums and the refused rows."""
    tally, refused = Tally(), []
    import_usernames(session, BytesIO(content), now, refused.append, tally)
    return tally, refused
