"""``jirong instruments schedule``: a loan's instalments and what it really costs, from terms given as options."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from jirong.instruments.practice import forms, present
from jirong.instruments.practice.cost import Cost, Fee, Offer, cost
from jirong.instruments.practice.loans import schedule
from jirong.instruments.practice.state import Schedule
from jirong.instruments.practice.terms import Basis, DueShift, LoanTerms, Repayment, Reset
from jirong.kernel.errors import Invalid
from jirong.kernel.money import Money
from jirong.kernel.text import Text

if TYPE_CHECKING:
    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]


def register(subparsers: Subparsers) -> None:
    """Add ``schedule`` to the verbs of ``instruments``."""
    parser = subparsers.add_parser("schedule", help="还款计划与年化利率 / a loan's schedule and yearly rate")
    add = parser.add_argument
    add("--principal", required=True, help="本金 / amount in yuan, such as 40000")
    add("--rate", help="固定年利率（%%）/ fixed yearly rate in percent, such as 5.85")
    add("--base", choices=["LPR-1Y", "LPR-5Y"], help="浮动利率基准 / base of a floating rate, with --bp")
    add("--bp", help="加减基点 / basis points on the base, such as 95")
    add("--reset", choices=list(Reset), help="重定价日 / when a floating rate is fixed anew")
    add("--start", required=True, help="起息日 / first day of interest, 2026-01-15")
    add("--repay", dest="repayment", required=True, choices=list(Repayment), help="还款方式 / way of repaying")
    add("--months", help="期限（月）/ tenor in months; or --maturity")
    add("--maturity", help="到期日 / last day")
    add("--every", dest="every_months", help="还款间隔（月）/ months between due dates, 1 unless given")
    add("--first-due", help="首个还款日 / first due date, if not one interval after the start")
    add("--interest-only", help="前若干期只还息 / so many first periods without principal")
    add("--basis", choices=list(Basis), help="计息基础 / how interest counts time")
    add("--shift", dest="due_shift", choices=list(DueShift), help="遇节假日 / what a due date on a holiday does")
    add("--plan", help="不规则还款计划 / irregular principal, 2026-05-01=200000,2026-11-01=300000")
    add("--fee", help="放款时收取的费用 / a fee paid at the start, counted in the yearly rate")
    add("--json", action="store_true", help="输出 JSON / print JSON")
    add("--xlsx", metavar="FILE", help="另存为 Excel / also write a spreadsheet")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the schedule; raises :class:`~jirong.kernel.errors.Refusal` for terms that cannot be."""
    language = getattr(args, "lang", None) or "zh"
    terms = forms.terms_from({name: getattr(args, name, None) for name in forms.FIELDS})
    plan = schedule(terms)
    costs = cost(Offer(Text("报价", "offer"), plan, _fees(args.fee, terms)))
    if args.xlsx:
        _save(plan, costs, Path(args.xlsx), language)
    if args.json:
        sys.stdout.write(json.dumps(present.as_dict(plan, costs), ensure_ascii=False, indent=2) + "\n")
    else:
        sys.stdout.write(present.as_table(plan, costs, language))
    return 0


def _fees(amount: str | None, terms: LoanTerms) -> tuple[Fee, ...]:
    if not amount:
        return ()
    return (Fee(Text("费用", "fee"), terms.start, Money.parse(amount, where="fee")),)


def _save(plan: Schedule, costs: Cost, path: Path, language: str) -> None:
    try:
        with path.open("wb") as target:
            present.write_xlsx(plan, costs, target, language)
    except OSError as error:
        raise Invalid(
            "file.unwritable",
            Text(f"无法写入 {path}：{error.strerror}", f"cannot write {path}: {error.strerror}"),
            remedy=Text("请选择可写的文件夹", "Choose a folder you may write to"),
            where="xlsx",
        ) from None
