"""``jirong close-of-business``: close the day of every lender, of one, or go on with what was interrupted."""

from __future__ import annotations

import argparse
import datetime
import json
import os
import sys

NEEDS_DJANGO = True


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``close-of-business``."""
    title = "日终：到期、扣款、逾期、分类、拨备 / the close of business"
    parser = subparsers.add_parser("close-of-business", help=title, description=title)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--date", type=datetime.date.fromisoformat, help="只做这一天 / this day only")
    what.add_argument(
        "--until", type=datetime.date.fromisoformat, help="补做到这一天，缺省为营业日 / every day up to this one"
    )
    what.add_argument("--resume", action="store_true", help="继续被中断的日终 / go on with what was interrupted")
    what.add_argument("--status", action="store_true", help="各贷款人最近一次日终 / each lender's latest close")
    parser.add_argument("--json", action="store_true", help="机器可读 / for machines")
    parser.add_argument(
        "--workers", type=int, default=os.cpu_count() or 1, help="大账簿用几个进程 / processes for a large book"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """0 when all is closed without errors, 1 when loans were left out."""
    from jirong.financing.close import crew, running

    if arguments.status:
        return _status(arguments)
    told = running.quiet if arguments.json else _progress
    with crew.several(arguments.workers) as hands:
        if arguments.resume:
            closed = [running.resume(id, told, hands) for id in running.unfinished()]
        elif arguments.date:
            closed = [running.close(lender, arguments.date, told, hands) for lender in running.lenders()]
        else:
            closed = running.close_until(arguments.until or running.today(), told, hands)
    rooms = {} if arguments.resume else running.other_rooms()
    if arguments.json:
        days = [
            {"lender": str(each.lender), "on": str(each.on), "counts": each.counts, "errors": each.errors}
            for each in closed
        ]
        print(json.dumps({"days": days, "rooms": rooms}, ensure_ascii=False, default=str))
    else:
        for each in closed:
            counted = "；".join(f"{step} {counts}" for step, counts in each.counts.items())
            print(f"{each.on} {each.lender} {counted}")
            for error in each.errors:
                print(f"  ✗ {error['step']} {error['loan']} {error['code']} {error['reason'][arguments.lang]}")
    return 1 if any(each.errors for each in closed) else 0


def _status(arguments: argparse.Namespace) -> int:
    from jirong.financing.close import running

    found = running.status()
    if arguments.json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        for row in found:
            print(f"{row['on']} {row['lender']} {row['state']} {row['parts']}/{row['of']} ✗{row['errors']}")
    return 1 if any(row["errors"] or row["state"] != "done" for row in found) else 0


def _progress(step: str, done: int, of: int) -> None:
    """One line that is written over while somebody watches."""
    if sys.stderr.isatty():
        print(f"\r▸ {step} {done}/{of}   ", end="\n" if done == of else "", file=sys.stderr, flush=True)
