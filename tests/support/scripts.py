"""The same text in other scripts, as keyboards and input methods abroad give it."""


def full_width(text: str) -> str:
    """ASCII letters, digits and signs as the full-width forms of an East Asian input method."""
    return "".join(chr(ord(character) + 0xFEE0) for character in text)
