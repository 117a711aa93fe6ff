"""``jirong instruments schedule``: a loan's instalments and what it really costs, from terms given as options."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from jirong.instruments.practice import calculate, present
from jirong.instruments.practice.calculate import LoanAnswer
from jirong.instruments.practice.events import Reamortise
from jirong.instruments.practice.terms import Basis, DueShift, Repayment, Reset
from jirong.kernel.errors import Invalid
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
    add("--fee-each", help="每期费用 / a fee with every instalment")
    add("--early-on", help="提前还款日 / day principal is repaid early, at --early-amount (all of it, if not given)")
    add("--early-amount", help="提前还本金额 / principal repaid early")
    add("--early-then", choices=list(Reamortise), help="之后 / afterwards: lower instalments, or a shorter tenor")
    add("--early-fee", help="提前还款违约金（%%）/ percent of the principal repaid early")
    add("--late-from", help="自第几期起逾期 / the first instalment paid late, with --late-days")
    add("--late-days", help="逾期天数 / days until all that is late is paid")
    add("--grace-days", help="免罚息宽限天数 / days after a due date without penalty")
    add("--penalty-factor", help="罚息为合同利率的倍数 / overdue rate as a multiple, 1.5 unless given")
    add("--json", action="store_true", help="输出 JSON / print JSON")
    add("--xlsx", metavar="FILE", help="另存为 Excel / also write a spreadsheet")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the schedule; raises :class:`~jirong.kernel.errors.Refusal` for terms that cannot be."""
    language = getattr(args, "lang", None) or "zh"
    found = calculate.loan({name: getattr(args, name, None) for name in calculate.LOAN_FIELDS})
    if args.xlsx:
        _save(found, Path(args.xlsx), language)
    if args.json:
        sys.stdout.write(json.dumps(found.as_dict(), ensure_ascii=False, indent=2) + "\n")
    else:
        told = present.as_table(found.plan, found.planned, language, steps=found.steps, actual=found.actual)
        sys.stdout.write(told)
    return 0


def _save(found: LoanAnswer, path: Path, language: str) -> None:
    try:
        with path.open("wb") as target:
            present.write_xlsx(found.plan, found.planned, target, language, steps=found.steps, actual=found.actual)
    except OSError as error:
        raise Invalid(
            "file.unwritable",
            Text(f"无法写入 {path}：{error.strerror}", f"cannot write {path}: {error.strerror}"),
            remedy=Text("请选择可写的文件夹", "Choose a folder you may write to"),
            where="xlsx",
        ) from None
