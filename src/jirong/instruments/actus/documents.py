"""Terms as somebody pastes them: a JSON document read strictly, evaluated within bounds, and its events told.

A document is one contract's terms, or the published form of a case: ``{"terms": …, "dataObserved": …,
"eventsObserved": …, "to": …}``. Numbers may be numbers or strings. Because anyone may paste anything, the text has a
length, the schedules a number of times (:data:`TIMES_MAX`) and contracts inside contracts a number (:data:`CHILDREN_MAX`)
beyond which they are refused before much is computed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from jirong.instruments.actus import refusals
from jirong.instruments.actus.model import Event, EventType
from jirong.instruments.actus.observations import Observations
from jirong.instruments.actus.registry import evaluate
from jirong.instruments.actus.terms import unknown_names
from jirong.kernel.errors import Invalid, Refusal
from jirong.kernel.text import Text

TEXT_LENGTH_MAX = 60_000
TIMES_MAX = 10_000
CHILDREN_MAX = 20

EVENT_WORDS = {
    EventType.IED: Text("初始交割", "Initial exchange"),
    EventType.FP: Text("费用", "Fee payment"),
    EventType.PR: Text("还本", "Principal redemption"),
    EventType.PI: Text("增加本金", "Principal increase"),
    EventType.PY: Text("违约金", "Penalty payment"),
    EventType.PP: Text("提前还本", "Principal prepayment"),
    EventType.IP: Text("付息", "Interest payment"),
    EventType.IPFX: Text("固定端付息", "Fixed interest"),
    EventType.IPFL: Text("浮动端付息", "Floating interest"),
    EventType.IPCI: Text("利息转本金", "Interest capitalised"),
    EventType.CE: Text("信用事件", "Credit event"),
    EventType.RRF: Text("利率重定（已知）", "Rate reset, fixed"),
    EventType.RR: Text("利率重定", "Rate reset"),
    EventType.PRF: Text("确定还款额", "Payment fixed"),
    EventType.DV: Text("分红", "Dividend"),
    EventType.PRD: Text("买入", "Purchase"),
    EventType.TD: Text("终止", "Termination"),
    EventType.SC: Text("指数调整", "Scaling"),
    EventType.IPCB: Text("计息基数重定", "Calculation base fixed"),
    EventType.MD: Text("到期", "Maturity"),
    EventType.XD: Text("行权", "Exercise"),
    EventType.STD: Text("结算", "Settlement"),
    EventType.AD: Text("查看", "Analysis"),
}
COLUMNS = (
    Text("时间", "Time"),
    Text("事件", "Event"),
    Text("现金流", "Payoff"),
    Text("币种", "Currency"),
    Text("名义本金", "Notional"),
    Text("利率", "Rate"),
    Text("应计利息", "Accrued"),
)
"""What each event shows."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A contract's events; ``unknown`` are names in its terms that no function uses."""

    kind: str
    events: tuple[Event, ...]
    unknown: tuple[str, ...]

    @property
    def totals(self) -> dict[str, tuple[Decimal, Decimal]]:
        """What comes in and what goes out, by currency."""
        found: dict[str, tuple[Decimal, Decimal]] = {}
        for event in self.events:
            received, paid = found.get(event.currency, (Decimal(0), Decimal(0)))
            found[event.currency] = received + max(event.payoff, Decimal(0)), paid - min(event.payoff, Decimal(0))
        return found

    def as_dict(self) -> dict[str, Any]:
        """JSON-safe: numbers as plain decimal strings."""
        return {
            "contract_type": self.kind,
            "events": [_told(event) for event in self.events],
            "totals": [
                {"currency": currency, "received": plain(received), "paid": plain(paid)}
                for currency, (received, paid) in sorted(self.totals.items())
            ],
            "unknown_terms": list(self.unknown),
        }


def read(text: str) -> Mapping[str, Any]:
    """A pasted document; raises :class:`Invalid` saying in which line it stops being JSON."""
    if len(text) > TEXT_LENGTH_MAX:
        raise _unreadable(
            Text(f"内容超过 {TEXT_LENGTH_MAX:,} 个字符", f"the document is longer than {TEXT_LENGTH_MAX:,} characters"),
            Text("请只粘贴一份合约", "Paste one contract only"),
        )
    try:
        found = json.loads(text, parse_float=str, parse_int=str, parse_constant=_no_constant, object_pairs_hook=_once)
    except json.JSONDecodeError as error:
        place = Text(
            f"第 {error.lineno} 行第 {error.colno} 列不是有效的 JSON",
            f"line {error.lineno}, column {error.colno} is not JSON",
        )
        raise _unreadable(place, Text(f"解析器的说明：{error.msg}", f"The parser says: {error.msg}")) from None
    except (ValueError, RecursionError) as error:
        raise _unreadable(
            Text(f"内容不是有效的 JSON：{error}", f"the document is not JSON: {error}"),
            Text("请检查重复的条款名、NaN 与嵌套", "Look for a name given twice, NaN, and deep nesting"),
        ) from None
    if not isinstance(found, Mapping):
        raise _unreadable(
            Text("内容不是一个 JSON 对象", "the document is not a JSON object"),
            Text('请写成 {"contractType": "PAM", …}', 'Write {"contractType": "PAM", …}'),
        )
    return found


def answer(document: Mapping[str, Any], *, to: str | None = None, carry_forward: bool = False) -> Answer:
    """Evaluate a document; ``to`` is used where the document gives none, ``carry_forward`` as in
    :class:`Observations`. Raises :class:`Invalid` naming the term.
    """
    case = document if isinstance(document.get("terms"), Mapping) else {"terms": document}
    children = sum(1 for _ in _children(case["terms"], 0))
    if children > CHILDREN_MAX:
        raise refusals.impossible(
            "contractStructure",
            f"{children} contracts",
            Text(f"所含合约超过 {CHILDREN_MAX} 个", f"it holds more than {CHILDREN_MAX} contracts"),
            Text("请分开测算", "Evaluate them apart"),
        )
    observed = case.get("dataObserved") or {}
    events = case.get("eventsObserved") or []
    if not isinstance(observed, Mapping):
        raise refusals.unreadable("dataObserved", observed, Text('{"代码": {时点: 数值}}', '{"code": {time: value}}'))
    if not isinstance(events, Sequence) or isinstance(events, str):
        raise refusals.unreadable("eventsObserved", events, Text("事件列表", "a list of events"))
    try:
        found = evaluate(
            case["terms"],
            Observations.parse(observed, carry_forward=carry_forward),
            events,
            str(case.get("to") or to or "") or None,
            times_max=TIMES_MAX,
        )
    except Refusal:
        raise
    except (ArithmeticError, OverflowError) as error:
        raise refusals.impossible(
            "notionalPrincipal",
            case["terms"].get("notionalPrincipal", ""),
            Text("计算结果超出可表示的范围", "the result is beyond what can be represented"),
            Text("请检查金额、利率与乘数的量级", "Check the size of amounts, rates and multipliers"),
        ) from error
    kind = str(case["terms"].get("contractType", "")).strip().upper()
    return Answer(kind, tuple(found), tuple(unknown_names(case["terms"])))


def plain(number: Decimal) -> str:
    """A number without exponent and without zeros at the end of its decimals."""
    text = f"{number:f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def _told(event: Event) -> dict[str, Any]:
    told = {
        "time": event.time.isoformat(),
        "type": event.type.value,
        "payoff": plain(event.payoff),
        "currency": event.currency,
        "notional": plain(event.notional),
        "rate": plain(event.rate),
        "accrued": plain(event.accrued),
    }
    if event.exercise_amount is not None:
        told["exercise_amount"] = plain(event.exercise_amount)
        told["exercise_date"] = event.exercise_date.isoformat() if event.exercise_date else ""
    return told


def _children(terms: object, depth: int) -> Any:
    """Every contract inside, however deep (the engine refuses what nests too deep)."""
    if not isinstance(terms, Mapping) or depth > 2 * CHILDREN_MAX:
        return
    structure = terms.get("contractStructure")
    for item in structure if isinstance(structure, list) else [structure] if isinstance(structure, Mapping) else []:
        child = item.get("object") if isinstance(item, Mapping) else None
        yield child
        yield from _children(child, depth + 1)


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"“{twice[:40]}” is given twice")
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _unreadable(reason: Text, remedy: Text) -> Invalid:
    return Invalid("actus.document_unreadable", reason, remedy=remedy, where="terms")
