"""How inputs, gaps and bounds are said, in Chinese and English."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from jirong.assessment.methods.values import plain
from jirong.kernel.text import Text
from jirong.schemes.evaluate.facts import Known

Raw = Decimal | bool | str


def figure(value: Raw, kind: str, unit: Text | None) -> Text:
    """A value as a reader sees it: ``8.5%``, ``1,200,000元``, ``24个月``, ``是``."""
    if isinstance(value, bool):
        return Text("是", "yes") if value else Text("否", "no")
    if isinstance(value, str):
        return Text(value or "（空）", value or "(empty)")
    if kind == "percent":
        shown = f"{plain(rounded(value * 100, 2))}%"
        return Text(shown, shown)
    if kind == "money":
        shown = grouped(rounded(value, 2))
        return Text(f"{shown}元", f"{shown} yuan")
    shown = grouped(rounded(value, 4))
    return Text(f"{shown}{unit.zh}", f"{shown} {unit.en}") if unit else Text(shown, shown)


def rounded(value: Decimal, places: int) -> Decimal:
    """Half up to ``places`` decimals, whatever the size of the number."""
    if value.is_zero() or not value.is_finite():
        return value
    if value.adjusted() + places >= 27:
        return value
    return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def grouped(value: Decimal) -> str:
    whole, _, fraction = plain(value).partition(".")
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    return f"{sign}{int(digits):,}" + (f".{fraction}" if fraction else "")


def points(value: Decimal) -> str:
    return plain(rounded(value, 2))


def lacking(title: Text, known: Known) -> Text:
    """Why an input is silent and what the firm can do."""
    why, remedy = _SILENCE[known]
    return Text(f"{title.zh}：{why.zh}，{remedy.zh}", f"{title.en}: {why.en}; {remedy.en}")


_SILENCE: dict[Known, tuple[Text, Text]] = {
    Known.MISSING: (Text("没有这项资料", "there are no facts for it"), Text("请补充", "please supply it")),
    Known.WITHHELD: (
        Text("没有读取授权，或授权已撤回", "consent to read it is absent or was withdrawn"),
        Text("请授权读取", "please consent to its being read"),
    ),
    Known.CONTRADICTORY: (
        Text("不同来源的资料互相矛盾", "its sources contradict each other"),
        Text("请说明差异并补充证明", "please explain the difference and bring proof"),
    ),
}
