"""The trial flag: a reference in the existing column for the CPA certificate, and nothing anywhere else.

``TRIAL-YYYY-NNNN-CC`` (codec ``trial-alpha-1``): year of the decision by the SSC, serial in that year, two check
digits by ISO/IEC 7064 MOD 97-10. ``99YYYYNNNNCC`` (``trial-numeric-1``) is for a list whose column is numeric. Both
are a proposal of this project: no syntax has been published.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from trialconformance.core import UsageError

__all__ = [
    "ALPHA",
    "NUMERIC",
    "Certified",
    "Codec",
    "Decoded",
    "Malformed",
    "Trial",
    "check",
    "codec",
    "decode",
    "make",
]

_MODULUS = 97
_FIRST_YEAR, _LAST_YEAR = 2021, 2099
_LAST_SERIAL = 9999
_NUMERIC_PREFIX = "99"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """A well-formed reference to a trial.

    Args:
        reference: the field.
        year: year of the decision.
        serial: serial in that year.
    """

    reference: str
    year: int
    serial: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Certified:
    """A reference to a certificate, which is whatever is no attempt at a trial reference.

    Args:
        reference: the field.
    """

    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Malformed:
    """Something that means to be a trial reference and is not: never taken for an ordinary one.

    Args:
        text: the field.
        why: what is wrong with it.
        formed: whether it has the form of a reference and only its numbers are wrong.
    """

    text: str
    why: str
    formed: bool = False


Decoded = Trial | Certified | Malformed | None


def _check_digits(stem: str) -> str:
    """ISO/IEC 7064 MOD 97-10 over the stem; letters count from A = 10 to Z = 35."""
    return f"{98 - int(_digits(stem) + '00') % _MODULUS:02}"


def _digits(text: str) -> str:
    return "".join(str(int(character, 36)) for character in text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Codec:
    """A syntax of trial references.

    Args:
        name: ``trial-alpha-1`` or ``trial-numeric-1``.
        prefix: what a reference starts with.
        separator: what stands between its parts.
    """

    name: Literal["trial-alpha-1", "trial-numeric-1"]
    prefix: str
    separator: str

    @property
    def form(self) -> str:
        """The syntax for a person."""
        return self.separator.join((self.prefix, "YYYY", "NNNN", "CC"))

    @property
    def _regex(self) -> re.Pattern[str]:
        return re.compile(
            re.escape(self.separator).join((re.escape(self.prefix), "(20[2-9][0-9])", "([0-9]{4})", "([0-9]{2})"))
        )

    def make(self, year: int, serial: int) -> str:
        """Make a reference.

        Args:
            year: year of the decision, 2021 to 2099.
            serial: serial in that year, 1 to 9999.

        Returns:
            The reference with its check digits.

        Raises:
            UsageError: a number out of range.
        """
        if not _FIRST_YEAR <= year <= _LAST_YEAR:
            raise UsageError(f"year {year} is out of range", where="year", accepted=f"{_FIRST_YEAR} to {_LAST_YEAR}")
        if not 1 <= serial <= _LAST_SERIAL:
            raise UsageError(f"serial {serial} is out of range", where="serial", accepted=f"1 to {_LAST_SERIAL}")
        parts = (self.prefix, f"{year:04}", f"{serial:04}")
        return self.separator.join((*parts, _check_digits("".join(parts))))

    def decode(self, text: str) -> Decoded:
        """Say what a reference field holds (decoding rules TD-02 to TD-04).

        Args:
            text: the whole field, byte for byte.

        Returns:
            ``Trial``, ``Malformed``, ``Certified``, or None for an empty field.
        """
        if not text:
            return None
        match = self._regex.fullmatch(text)
        if match is None:
            why = self._attempt(text)
            return Malformed(text=text, why=why) if why else Certified(reference=text)
        year, serial, digits = match.groups()
        wanted = _check_digits(f"{self.prefix}{year}{serial}")
        if not int(year) >= _FIRST_YEAR:
            return Malformed(text=text, why=f"year {year} is before {_FIRST_YEAR}", formed=True)
        if serial == "0000":
            return Malformed(text=text, why="serial 0000", formed=True)
        if digits != wanted:
            return Malformed(text=text, why=f"check digits {digits} do not fit", formed=True)
        return Trial(reference=text, year=int(year), serial=int(serial))

    def _attempt(self, text: str) -> str:
        """Why a text that is no reference still means to be one; empty where it does not.

        TD-03 ignores case, spaces and hyphens. Folding every form of a character to its plain one and ignoring all
        other punctuation as well catches the full-width, apostrophe and dash variants that people's tools make.
        """
        plain = "".join(c for c in unicodedata.normalize("NFKC", text).upper() if c.isalnum())
        if plain.startswith(self.prefix):
            if self.separator:
                return f"starts like {self.prefix} but is not {self.form}"
            return f"starts with {self.prefix} but is not {self.form}" if plain.isdecimal() else ""
        letters = len(self.prefix)
        rest = re.fullmatch(r"20[0-9]{2}[0-9]{4}[0-9]{2}", plain[letters:])
        if self.separator and rest and _close(plain[:letters], self.prefix):
            return f"{text[:letters]!r} in place of {self.prefix}"
        return ""


def _close(text: str, word: str) -> bool:
    """Whether a text is one wrong letter or one swap of neighbours away from a word of the same length."""
    differing = [index for index, (one, other) in enumerate(zip(text, word, strict=True)) if one != other]
    if len(differing) <= 1:
        return True
    if len(differing) > 2 or differing[1] != differing[0] + 1:
        return False
    first, second = differing
    return text[first] == word[second] and text[second] == word[first]


ALPHA = Codec(name="trial-alpha-1", prefix="TRIAL", separator="-")
NUMERIC = Codec(name="trial-numeric-1", prefix=_NUMERIC_PREFIX, separator="")
_CODECS = {each.name: each for each in (ALPHA, NUMERIC)}


def codec(name: str, *, prefix: str = "") -> Codec:
    """Find a codec.

    Args:
        name: ``trial-alpha-1`` or ``trial-numeric-1``.
        prefix: another prefix for ``trial-alpha-1``, where a genuine reference starts with TRIAL.

    Returns:
        The codec.

    Raises:
        UsageError: no such codec.
    """
    found = next((each for known, each in _CODECS.items() if known == name), None)
    if found is None:
        raise UsageError(f"{name!r} is no trial reference codec", where="codec", accepted=", ".join(sorted(_CODECS)))
    if found is ALPHA and prefix:
        return Codec(name=found.name, prefix=prefix, separator=found.separator)
    return found


def make(year: int, serial: int, *, using: Codec = ALPHA) -> str:
    """Make a reference, see ``Codec.make``."""
    return using.make(year, serial)


def decode(text: str, *, using: Codec = ALPHA) -> Decoded:
    """Say what a reference field holds, see ``Codec.decode``."""
    return using.decode(text)


def check(text: str, *, using: Codec = ALPHA) -> bool:
    """Whether a text is a trial reference with good check digits."""
    return isinstance(using.decode(text), Trial)
