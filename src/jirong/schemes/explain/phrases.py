"""How values and names are said: 10万元, 12个月, 近12个月收入; 100,000.00 yuan, 12 months, revenue of 12 months.

A name is said by the scheme's own ``words`` first, then by the registry, then by the house's vocabulary; a name
nobody explains is shown as its code in quotation marks, and the checker warns of it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.schemes import vocabulary
from jirong.schemes.model.scheme import Scheme
from jirong.schemes.registry import NOTHING_KNOWN, FeatureInfo, Registry
from jirong.schemes.shapes import Span, Value, plain

_SPAN_ZH = {"hour": "小时", "day": "天", "month": "个月", "year": "年"}
_MYRIAD_MINOR = 10_000 * 100


@dataclass(frozen=True, slots=True)
class Names:
    """Looks names up for one scheme."""

    scheme: Scheme
    registry: Registry = NOTHING_KNOWN

    def explained(self, name: str) -> Text | None:
        """What the scheme's own ``words`` say."""
        words = self.scheme.words
        return words[name].text if words and name in words else None

    def party(self, name: str) -> Text:
        """借款人 / the borrower."""
        role = vocabulary.ROLE.get(self.scheme.parties.get(name, ""))
        if name == "issuer" and self.scheme.instrument.kind in _ISSUERS:
            return self.explained(name) or _ISSUERS[self.scheme.instrument.kind]
        return self.explained(name) or vocabulary.PARTY.get(name) or role or quoted(name)

    def parties(self, names: Sequence[str]) -> Text:
        return listed([self.party(name) for name in names])

    def role(self, name: str) -> Text:
        """The role a party plays, as declared."""
        return vocabulary.ROLE.get(self.scheme.parties.get(name, ""), quoted(name))

    def feature(self, name: str) -> Text:
        known = (self.registry.features or {}).get(name)
        return self.explained(name) or (known.title if known else None) or quoted(name)

    def evidence(self, name: str) -> Text:
        """A kind of record or paper; a pattern such as ``tax.*`` never occurs, kinds are listed one by one."""
        return self.explained(name) or (self.registry.evidence or {}).get(name) or self.feature(name)

    def use(self, name: str) -> Text:
        return self.explained(name) or vocabulary.USE.get(name) or quoted(name)

    def method(self, pinned: str) -> Text:
        """“升级效果评分卡”第2版."""
        name, _, version = pinned.partition("@")
        known = (self.registry.methods or {}).get(pinned)
        title = self.explained(name) or (known.title if known else None) or Text(name, name)
        return Text(f"“{title.zh}”第{version}版", f"“{title.en}” version {version}")

    def kind_of(self, name: str) -> str:
        """How the feature's figures are written; ``number`` where nobody says."""
        words = self.scheme.words
        said = words[name].kind if words and name in words else None
        known: FeatureInfo | None = (self.registry.features or {}).get(name)
        return said or (known.kind if known else "number")

    def unit_of(self, name: str) -> Text | None:
        words = self.scheme.words
        said = words[name].unit if words and name in words else None
        known = (self.registry.features or {}).get(name)
        return said or (known.unit if known else None)

    def value(self, feature: str, value: Value) -> Text:
        """A bound as the feature's figures are written: 6个月, 15%, 100万元, 是."""
        if value.kind == "flag":
            return Text("是", "yes") if value.of else Text("否", "no")
        number = value.number
        if number is None:
            return self.explained(str(value)) or Text(str(value), str(value))
        return self.figure(feature, number, percent=value.kind == "percent")

    def figure(self, feature: str, number: Decimal, *, percent: bool = False) -> Text:
        """A number as the feature's figures are written."""
        if self.kind_of(feature) == "money":
            return amount(Money.rounded(number, self.scheme.unit))
        if percent or self.kind_of(feature) == "percent":
            return rate(number)
        unit, title = self.unit_of(feature), self.feature(feature).en
        shown = f"{number.normalize():,f}" if number else "0"
        if unit is None:
            return Text(shown, shown)
        return Text(f"{shown}{unit.zh}", shown if _counted(unit.en, title) else f"{shown} {_singular(unit.en, number)}")


_ISSUERS = {"bond": Text("发行人", "the issuer"), "equity_right": Text("融资企业", "the firm financed")}
"""Who issues a note is 开立人; a bond and a right to shares call it otherwise."""


def _singular(unit: str, number: Decimal) -> str:
    """1 month, 2 months; units such as m/s stay."""
    return unit.removesuffix("s") if number == 1 and unit.isalpha() else unit


def _counted(unit: str, title: str) -> bool:
    """Whether the title names what is counted, so that English needs no unit: 3 overdue payments, not 3 times."""
    return unit == "times" or unit in re.findall(r"\w+", title.lower())


_UNTIL = ("of", "in", "at", "that", "the", "with", "from", "since", "without", "on", "to", "as", "for", "by")


def is_plural(title: str) -> bool:
    """Whether an English title speaks of many: “notes unpaid at maturity”, not “share of firms losing money”."""
    for word in title.lower().removeprefix("the ").split():
        if word in _UNTIL:
            return False
        if word.endswith("s") and not word.endswith(("ss", "us", "is", "'s")):
            return True
    return False


def version(ref: str) -> Text:
    """“toy-bridge-loan”（第1版）."""
    name, _, number = ref.partition("@")
    return Text(f"“{name}”（第{number}版）", f"“{name}” (version {number})")


def quoted(name: str) -> Text:
    return Text(f"“{name}”", f"“{name}”")


def amount(money: Money) -> Text:
    """10万元 where that is exact, else 1,234.56元; English always in full."""
    unit = vocabulary.CURRENCY.get(money.unit.code, quoted(money.unit.code))
    whole, rest = divmod(money.minor, _MYRIAD_MINOR)
    zh = f"{whole:,}万{unit.zh}" if rest == 0 and money.minor else f"{money.grouped()}{unit.zh}"
    return Text(zh, f"{money.grouped()} {unit.en}")


def rate(fraction: Decimal) -> Text:
    """30%, 5.85%."""
    return Text(f"{plain(fraction * 100)}%", f"{plain(fraction * 100)}%")


def yearly(fraction: Decimal) -> Text:
    """An interest rate a year, always two decimals or more: 3.95%."""
    shown = plain(fraction * 100)
    whole, _, decimals = shown.partition(".")
    return Text(f"{whole}.{decimals.ljust(2, '0')}%", f"{whole}.{decimals.ljust(2, '0')}%")


def times(factor: Decimal) -> Text:
    return Text(f"{plain(factor)}倍", f"{plain(factor)} times")


def points(count: Decimal) -> Text:
    """加50个基点 / plus 50 basis points; 减200个基点 for a negative count."""
    sign = Text("减", "minus") if count < 0 else Text("加", "plus")
    shown = plain(abs(count))
    return Text(f"{sign.zh}{shown}个基点", f"{sign.en} {shown} basis points")


def span(value: Span) -> Text:
    return Text(f"{value.count}{_SPAN_ZH[value.unit]}", str(value))


def every(value: Span) -> Text:
    """每年, 每6个月 / every year, every 6 months."""
    if value.count > 1:
        return Text(f"每{span(value).zh}", f"every {value}")
    return Text({"month": "每月", "year": "每年", "day": "每天", "hour": "每小时"}[value.unit], f"every {value.unit}")


def date(day: dt.date) -> Text:
    return Text(f"{day.year}年{day.month}月{day.day}日", day.isoformat())


def listed(parts: Sequence[Text], *, last: str = "and") -> Text:
    """甲、乙、丙 / a, b and c (``last`` gives “or”)."""
    english = [part.en for part in parts]
    joined = f"{', '.join(english[:-1])} {last} {english[-1]}" if len(english) > 1 else english[0]
    return Text("、".join(part.zh for part in parts), joined)


def clauses(parts: Sequence[Text]) -> Text:
    """Longer parts, set off by semicolons."""
    return Text("；".join(part.zh for part in parts), "; ".join(part.en for part in parts))


def joined(*parts: Text | None) -> Text:
    """Parts one after the other, English with a space between; absent ones are skipped."""
    kept = [part for part in parts if part is not None]
    english = "".join(part.en if part.en[0] in ",;" else f" {part.en}" for part in kept)
    return Text("".join(part.zh for part in kept), english.lstrip())


def bracketed(inner: Text | None) -> Text | None:
    return Text(f"（{inner.zh}）", f"({inner.en})") if inner else None


def capital(text: Text) -> Text:
    """A sentence begins with a capital in English."""
    return Text(text.zh, text.en[:1].upper() + text.en[1:])
