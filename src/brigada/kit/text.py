"""Text as people type it, made comparable."""

import re
import unicodedata

_SPACES = re.compile(r"\s+")
_LATIN_LOOKALIKES = str.maketrans("ABEKMHOPCTYX", "АВЕКМНОРСТУХ")


def squeeze(text: str) -> str:
    """Return the text in NFC without leading, trailing and repeated white space."""
    return _SPACES.sub(" ", unicodedata.normalize("NFC", text)).strip()


def fold(text: str) -> str:
    """Return a form for comparison: lower case, ё as е, single spaces."""
    return squeeze(text).lower().replace("ё", "е")


def plate_letters(text: str) -> str:
    """Return a number plate in Cyrillic capitals without spaces, whichever keyboard layout it was typed in.

    Russian plates use only the twelve letters that look alike in both alphabets (GOST R 50577).
    """
    return re.sub(r"[\s-]", "", text).upper().translate(_LATIN_LOOKALIKES)


def like_pattern(text: str) -> str:
    """Return a LIKE pattern that finds `text` anywhere, its own wildcards taken literally (escape: backslash)."""
    escaped = text.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")
    return f"%{escaped}%"
