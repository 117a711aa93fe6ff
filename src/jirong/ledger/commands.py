"""``jirong ledger …``: is it in order, and its journals as accounting vouchers."""

from __future__ import annotations

import argparse
import csv
import datetime
import json
import sys

NEEDS_DJANGO = True


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add ``ledger`` and its sub-commands."""
    title = "账本：check|vouchers / the ledger"
    actions = subparsers.add_parser("ledger", help=title, description=title).add_subparsers(
        dest="ledger_action", required=True, metavar="ACTION"
    )
    help_text = "检查借贷平衡、计数、限额与缺号 / check balance, counters, limits and gaps"
    checking = actions.add_parser("check", help=help_text, description=help_text)
    checking.add_argument("--json", action="store_true", help="机器可读 / for machines")
    checking.set_defaults(run=check)
    help_text = "按营业日导出会计凭证（CSV） / the vouchers of business dates, as CSV"
    exporting = actions.add_parser("vouchers", help=help_text, description=help_text)
    exporting.add_argument("since", type=datetime.date.fromisoformat, metavar="FROM", help="2026-01-08")
    exporting.add_argument(
        "until", type=datetime.date.fromisoformat, metavar="TO", nargs="?", help="缺省同日 / same day"
    )
    exporting.set_defaults(run=vouchers)


def check(arguments: argparse.Namespace) -> int:
    """0 when every rule holds, 1 and the rows by name when one does not."""
    from jirong.ledger import check as checks

    findings = checks.check()
    if arguments.json:
        print(json.dumps([finding._asdict() for finding in findings], ensure_ascii=False))
        return 1 if findings else 0
    for rule in checks.rules():
        broken = [finding for finding in findings if finding.rule == rule.code]
        print(f"{'✗' if broken else '✓'} {rule.title}")
        for finding in broken:
            print(f"    {finding.table} {finding.row}: {finding.wrong}")
    return 1 if findings else 0


def vouchers(arguments: argparse.Namespace) -> int:
    from django.db import transaction

    from jirong.ledger import queries
    from jirong.store.identity import SYSTEM, acting_as

    table = csv.writer(sys.stdout)
    table.writerow(queries.VOUCHER_COLUMNS)
    with acting_as(SYSTEM), transaction.atomic():
        table.writerows(queries.vouchers(arguments.since, arguments.until or arguments.since))
    return 0
