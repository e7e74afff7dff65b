"""Makes the committed list of common passwords from the zxcvbn package; the search over it is the app's."""

from zxcvbn.frequency_lists import FREQUENCY_LISTS

from app.authenticators.blocklist import COMMON_PASSWORDS


def common_passwords() -> bytes:
    """The whole file: every password of the package's frequency list, casefolded, unique, in the order of its bytes."""
    listed = FREQUENCY_LISTS["passwords"]
    words = listed.split(",") if isinstance(listed, str) else listed
    return b"".join(line + b"\n" for line in sorted({word.casefold().encode() for word in words}))


if __name__ == "__main__":
    COMMON_PASSWORDS.write_bytes(common_passwords())
