"""django-hordak's side of the ledger benchmark, in a process of its own because it needs its own Django settings.

One transfer a call is ``Account.transfer_to``; more are ``bulk_create`` of transactions of two legs each, the fastest
way that keeps hordak's own database triggers. Either way one database transaction a call. Reads one JSON request a
line (accounts, size, clients, seconds) and answers transfers a second.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.ledger_measure import AMOUNT_MINOR, Call, Pairs, rate


def set_up(conninfo: str) -> None:
    import django
    from django.conf import settings

    parts = {key: str(value) for key, value in conninfo_to_dict(conninfo).items()}
    settings.configure(
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "mptt", "djmoney", "hordak"],
        DATABASES={
            "default": {
                "ENGINE": "django.db.backends.postgresql",
                "NAME": parts["dbname"],
                "USER": parts["user"],
                "PASSWORD": parts["password"],
                "HOST": parts["host"],
                "PORT": parts["port"],
                "CONN_MAX_AGE": None,
            }
        },
        USE_TZ=True,
        DEFAULT_CURRENCY="CNY",
        CURRENCIES=["CNY"],
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    )
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def open_accounts(count: int) -> list[object]:
    """Root accounts without codes; written in bulk, because one by one the tree is rebuilt for each."""
    from hordak.models import Account

    for number in range(Account.objects.count(), count):
        Account.objects.bulk_create(
            [Account(name=f"bench {number}", type="AS", currencies=["CNY"], lft=1, rght=2, level=0, tree_id=number + 1)]
        )
    return list(Account.objects.order_by("pk")[:count])


def connecting(accounts: int) -> Callable[[], Call]:
    from django.db import transaction
    from hordak.models import Leg, Transaction
    from moneyed import Money

    rows = open_accounts(accounts)
    amount = Money(AMOUNT_MINOR / 100, "CNY")

    def call(pairs: Pairs) -> None:
        with transaction.atomic():
            if len(pairs) == 1:
                rows[pairs[0][1]].transfer_to(rows[pairs[0][0]], amount)  # type: ignore[attr-defined]
                return
            made = Transaction.objects.bulk_create([Transaction() for _ in pairs])
            legs = []
            for transfer, (debit, credit) in zip(made, pairs, strict=True):
                legs.append(Leg(transaction=transfer, account=rows[debit], debit=amount))
                legs.append(Leg(transaction=transfer, account=rows[credit], credit=amount))
            Leg.objects.bulk_create(legs)

    return lambda: call


def main() -> int:
    set_up(sys.argv[1])
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(rate(connecting(asked["accounts"]), **asked)), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
