"""统一社会信用代码: the 18-character credit code of every organisation in China (GB 32100-2015).

One character of registering authority, one of organisation type, six of area (GB/T 2260), nine of organisation code
(GB 11714, whose last is its own check digit), one check character. The alphabet leaves out I, O, S, V and Z.

A few real firms of the early pilots carry codes whose check fails. Such a code is taken only with evidence
(:class:`Override`: what was looked at, and its reference), and stays marked as not conforming. A code that is not
even shaped like one is never taken. Codes for demonstrations come from :func:`generate`, in an area that does not
exist, so that none is a real firm's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from jirong.kernel.errors import Invalid
from jirong.kernel.text import Text

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
DEMO_AREA = "999999"
"""No such area in GB/T 2260."""

_VALUES = {character: value for value, character in enumerate(ALPHABET)}
_WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_SHAPE = re.compile(f"[{ALPHABET}]{{2}}[0-9]{{6}}[{ALPHABET}]{{8}}[{ALPHABET}]{{2}}", re.ASCII)
_OLD_NUMBER = re.compile(r"[1-9][0-9]{14}", re.ASCII)


class EvidenceType(StrEnum):
    """What shows that a code is real although its check fails."""

    LICENCE = "licence"
    REGISTRY = "registry"
    AUTHORITY_LETTER = "authority_letter"


@dataclass(frozen=True, slots=True)
class Override:
    """Evidence for a non-conforming code: its type and where it is kept (a document's hash, a registry page)."""

    evidence: EvidenceType
    reference: str

    def __post_init__(self) -> None:
        if not self.reference.strip():
            raise Invalid(
                "uscc.override_without_reference",
                Text("缺少证明材料的编号或出处", "The evidence has no reference"),
                remedy=Text("请填写材料编号或网址", "Give the document's number or address"),
            )


@dataclass(frozen=True, slots=True)
class Uscc:
    """A credit code that was checked; ``override`` is set exactly when the code does not conform."""

    code: str
    override: Override | None = None

    @property
    def conforming(self) -> bool:
        return self.override is None

    @property
    def authority(self) -> str:
        """Registering authority: 1 编办, 5 民政, 9 市场监管, Y 其他."""
        return self.code[0]

    @property
    def area(self) -> str:
        """Area of registration (GB/T 2260)."""
        return self.code[2:8]

    @property
    def organisation(self) -> str:
        """The nine characters of the organisation code (GB 11714)."""
        return self.code[8:17]

    def __str__(self) -> str:
        return self.code


def check(text: str, *, override: Override | None = None, where: str | None = None) -> Uscc:
    """Read a credit code, upper or lower case; :class:`Invalid` when malformed, or failing its check unevidenced.

    An ``override`` for a code that conforms is dropped: there is nothing to excuse.
    """
    code = text.strip().upper()
    if not _SHAPE.fullmatch(code):
        raise _malformed(code, where)
    fault = _fault(code)
    if fault is None:
        return Uscc(code)
    if override is None:
        raise Invalid(
            "uscc.check_failed",
            fault,
            remedy=Text(
                "请核对是否输错；若证照确为此代码，请附证明材料",
                "See whether it was mistyped; if the licence does show it, attach the evidence",
            ),
            where=where,
            details={"code": code},
        )
    return Uscc(code, override)


def check_character(first: str) -> str:
    """The 18th character for the first 17: ``(31 − Σ value × 3^place mod 31) mod 31`` (GB 32100-2015)."""
    if len(first) != 17:
        raise ValueError("the first 17 characters are needed")
    total = sum(_VALUES[character] * weight for character, weight in zip(first, _WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def organisation_digit(first: str) -> str:
    """The 9th character of an organisation code for its first 8: ``11 − Σ mod 11``, 10 as X, 11 as 0 (GB 11714)."""
    if len(first) != 8:
        raise ValueError("the first 8 characters are needed")
    total = sum(int(character, 36) * weight for character, weight in zip(first, _ORGANISATION_WEIGHTS, strict=True))
    return "0123456789X"[-total % 11]


def generate(serial: int, *, area: str = DEMO_AREA, authority: str = "9", kind: str = "1") -> str:
    """A conforming code for demonstrations, the same for the same ``serial`` (0 up to 31⁷ − 1)."""
    if not 0 <= serial < 31**7:
        raise ValueError("serial out of range")
    digits = ""
    for _ in range(7):
        serial, value = divmod(serial, 31)
        digits = ALPHABET[value] + digits
    body = "M" + digits
    first = f"{authority}{kind}{area}{body}{organisation_digit(body)}"
    return first + check_character(first)


def _fault(code: str) -> Text | None:
    if code[16] != organisation_digit(code[8:16]):
        return Text(
            f"{code}第17位（主体标识码校验位）应为{organisation_digit(code[8:16])}",
            f"Character 17 of {code}, the organisation code's check digit, should be {organisation_digit(code[8:16])}",
        )
    if code[17] != check_character(code[:17]):
        return Text(
            f"{code}第18位校验码应为{check_character(code[:17])}",
            f"Character 18 of {code}, the check character, should be {check_character(code[:17])}",
        )
    return None


def _malformed(code: str, where: str | None) -> Invalid:
    shown = code if len(code) <= 30 else code[:30] + "…"
    if _OLD_NUMBER.fullmatch(code):
        reason = Text(f"“{shown}”是15位旧注册号", f"“{shown}” is an old 15-digit registration number")
    elif len(code) != 18:
        reason = Text(f"“{shown}”有{len(code)}位，应为18位", f"“{shown}” has {len(code)} characters, not 18")
    else:
        reason = Text(f"“{shown}”含有信用代码不用的字符", f"“{shown}” has characters that a credit code does not use")
    return Invalid(
        "uscc.malformed",
        reason,
        remedy=Text(
            "请填写18位统一社会信用代码（数字与大写字母，不含I、O、S、V、Z；第3至8位为数字）",
            "Give the 18-character code: digits and capitals without I, O, S, V, Z; characters 3 to 8 are digits",
        ),
        where=where,
    )
