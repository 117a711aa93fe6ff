"""A lender's book made in bulk: the rows a million loans would have left on the eve, by binary COPY.

Firms of four loans each under one revolving limit: annuities (60 %), equal principal (15 %), bullets (15 %) and interest
first (10 %) of 6 to 36 months, begun on any day of their term, so that due days fall as the calendar's days do. Three
loans in a hundred have one to four instalments unpaid and are graded for it. Standing and late claims, their accounts
and transfers, limits granted and used and every firm's bank account are there as the engine would have left them;
instalments paid before the eve are not (as of a book taken over from another system).

Two processes write through the administrator's log-in, past triggers and row security, into tables whose indexes are
set aside and built once at the end. The ledger and the claims are checked afterwards by the checks that stand beside
them, so what was not checked row by row is checked as a whole.
"""

from __future__ import annotations

import datetime as dt
import os
import uuid
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

import numpy as np
from benchmarks import bulk
from benchmarks.bulk import Column

FIRM_LOANS = 4
CHUNK_FIRMS = 12_500
SEED = 20260617
LATE_SHARE = 0.03
KINDS = ("annuity", "linear", "interest_first", "bullet")
KIND_SHARES = (0.60, 0.15, 0.10, 0.15)
MONTHS = (6, 12, 24, 36)
BASIS_OF_KIND = (0, 0, 1, 1)
TABLES = (
    "parties_party", "parties_bank_account", "financing_application", "financing_contract", "financing_loan",
    "claims_claim", "ledger_account", "ledger_journal", "ledger_transfer",
)  # fmt: skip
ORPHANS = """
SELECT count(*) FROM financing_loan l
LEFT JOIN financing_contract c ON c.id = l.contract_id LEFT JOIN financing_application a ON a.id = c.application_id
LEFT JOIN parties_party b ON b.id = l.borrower_id LEFT JOIN claims_claim s ON s.id = l.standing
LEFT JOIN financing_policy p ON p.id = c.policy_id
WHERE c.id IS NULL OR a.id IS NULL OR b.id IS NULL OR s.id IS NULL OR p.id IS NULL
"""
DISAGREE = """
SELECT count(*) FROM (
    SELECT root, creditor, sum(outstanding_minor) AS owed FROM claims_claim GROUP BY root, creditor
) c LEFT JOIN ledger_account h ON h.code = 'claims:' || c.root || ':held:' || c.creditor
WHERE h.id IS NULL OR h.debits_posted - h.credits_posted <> c.owed
"""
WRONG_HEADER = """
SELECT count(*) FROM financing_loan l JOIN (
    SELECT contract, sum(outstanding_minor) FILTER (WHERE kind = 'loan') AS principal_minor,
        min(due) FILTER (WHERE id <> root) AS oldest
    FROM claims_claim WHERE state IN ('held', 'overdue') GROUP BY contract
) c ON c.contract = l.id
WHERE c.principal_minor <> l.principal_left_minor OR c.oldest IS DISTINCT FROM l.oldest_due
"""
CHECKS = {
    "loans without what they name": ORPHANS,
    "claims that are not in the books": DISAGREE,
    "loans that are not their claims": WRONG_HEADER,
}


@dataclass(frozen=True)
class Asked:
    """Where and what to load; ``conninfo`` is the administrator's log-in to the database."""

    conninfo: str
    loans: int
    eve: dt.date
    lender: uuid.UUID
    policy: uuid.UUID


def load(asked: Asked) -> dict[str, int]:
    """Fill the tables, build their indexes, count and check; answers how many rows of what."""
    import psycopg

    firms = asked.loans // FIRM_LOANS
    parts = [(low, min(low + CHUNK_FIRMS, firms)) for low in range(0, firms, CHUNK_FIRMS)]
    with psycopg.connect(asked.conninfo, autocommit=True) as admin:
        bulk.set_indexes_aside(admin, TABLES)
        with ProcessPoolExecutor(min(os.cpu_count() or 1, len(parts)), mp_context=get_context("spawn")) as pool:
            counted = list(pool.map(_load_part, [asked] * len(parts), *zip(*parts, strict=True)))
        admin.execute(
            "SELECT setval(pg_get_serial_sequence('ledger_transfer', 'position'), max(position)) FROM ledger_transfer"
        )
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        list(threads.map(lambda table: bulk.index(asked.conninfo, table), reversed(TABLES)))
    return {name: sum(each[name] for each in counted) for name in counted[0]}


def wrong(conninfo: str) -> list[str]:
    """What does not fit in the book, by the house's ledger check and the checks above."""
    import psycopg

    from jirong.ledger import check

    with psycopg.connect(conninfo) as admin:
        found = [str(finding) for finding in check.check_on(admin.cursor())]
        for name, query in CHECKS.items():
            row = admin.execute(query).fetchone()
            found += [f"{row[0]} {name}"] if row and row[0] else []
    return found


def _load_part(asked: Asked, low: int, high: int) -> dict[str, int]:
    """Firms ``low`` to ``high`` with everything of theirs."""
    import psycopg

    rows = _rows(asked, low, high)
    with psycopg.connect(asked.conninfo) as admin:
        # No trigger and no foreign key is looked at: see the module's docstring.
        admin.execute("SET session_replication_role = replica")
        admin.execute("SET synchronous_commit = off")
        for table, groups in rows.items():
            for columns in groups:
                bulk.copy(admin, table, columns)
    return {table: sum(len(bulk.first(columns)) for columns in groups) for table, groups in rows.items()}


@dataclass
class Drawn:
    """The loans of a part as columns, and what each still owes."""

    firm: Column
    principal: Column
    rate: Column
    months: Column
    kind: Column
    contracts: Any
    raised: Column
    missed: Column
    performing: Column
    unpaid: list[tuple[Column, Column, Column, Column, Column]]


def _draw(random: np.random.Generator, firms: int, eve: dt.date) -> Drawn:
    """Terms at random, fallen and unpaid by the eve."""
    from jirong.instruments.portfolio.contracts import Contracts
    from jirong.instruments.portfolio.schedules import schedules

    size = firms * FIRM_LOANS
    kind = random.choice(len(KINDS), size, p=KIND_SHARES)
    months = np.array(MONTHS)[random.integers(0, len(MONTHS), size)]
    bullet = kind == KINDS.index("bullet")
    months = np.where(bullet, np.minimum(months, 12), months)
    # No older than one day short of its term, so that every loan still runs.
    start = np.datetime64(eve) - 1 - (random.random(size) * (months * 30.4 - 3)).astype("m8[D]")
    contracts = Contracts(
        principal=1_000_000 + random.integers(0, 900_000, size) * 100,
        rate_e6=30_000 + 100 * random.integers(0, 700, size), start=start, periods=np.where(bullet, 1, months),
        every_months=np.where(bullet, months, 1), repayment=kind.astype(np.int8),
        basis=np.array(BASIS_OF_KIND, dtype=np.int8)[kind], interest_only=np.zeros(size, dtype=np.int64),
    )  # fmt: skip
    raised = contracts.fallen(np.datetime64(eve))
    missed = np.where(random.random(size) < LATE_SHARE, np.minimum(random.integers(1, 5, size), raised), 0)
    plan = schedules(contracts)
    number = np.arange(1, plan.principal.shape[1] + 1)
    performing = (plan.principal * (number > raised[:, None])).sum(axis=1)
    unpaid = []
    for each in range(1, 5):
        rows = np.flatnonzero(missed >= each)
        of = raised[rows] - each + 1
        due = contracts.take(rows).due_date(of)
        unpaid.append((rows, of, due, plan.principal[rows, of - 1], plan.interest[rows, of - 1]))
    firm = np.repeat(np.arange(firms), FIRM_LOANS)
    return Drawn(
        firm, contracts.principal, contracts.rate_e6, months, kind, contracts, raised, missed, performing, unpaid
    )


def _rows(asked: Asked, low: int, high: int) -> dict[str, list[dict[str, Any]]]:
    """Every table's rows of a part, in groups of one shape."""
    random = np.random.default_rng([SEED, low])
    firms = high - low
    drawn = _draw(random, firms, asked.eve)
    joined = np.datetime64(asked.eve - dt.timedelta(days=1200)).astype("M8[ms]").astype(np.int64)
    firm = bulk.new_ids(random, joined + np.arange(low, high))
    line = bulk.new_ids(random, joined + 86_400_000 + np.arange(low, high))
    loan = bulk.new_ids(random, drawn.contracts.start.astype("M8[ms]").astype(np.int64))
    rows = _parties(firm, low, high, asked, random)
    late = np.zeros(len(drawn.firm), dtype=np.int64)
    oldest = np.full(len(drawn.firm), np.datetime64("NaT"), dtype="M8[D]")
    for found, _, due, *_ in drawn.unpaid:
        oldest[found] = due
        late[found] = (np.datetime64(asked.eve) - due).astype(np.int64)
    rows |= _loans(asked, drawn, firm, line, loan, late, oldest)
    claims, owed = _claims(asked, drawn, firm, loan)
    rows["claims_claim"] = claims
    left = drawn.performing.copy()
    for found, _, _, principal, _ in drawn.unpaid:
        left[found] += principal
    rows |= _contracts(asked, firm, line, loan, drawn, left)
    rows |= _books(asked, low, drawn, firm, line, loan, owed, left)
    return rows


def _parties(firm: bulk.Ids, low: int, high: int, asked: Asked, random: np.random.Generator) -> dict[str, Any]:
    number = np.array([f"{n:012d}".encode() for n in range(low, high)]).view(np.uint8).reshape(-1, 12)
    account = bulk.new_ids(random, np.full(high - low, 1_700_000_000_000))
    party = {
        "id": firm.raw, "name": bulk.join("企业".encode(), number), "name_en": b"Firm", "uscc": bulk.join(b"BENCH0", number),
        "uscc_evidence": b"generated", "size": b"micro", "sector": b"textile", "region": b"330000",
    }  # fmt: skip
    bank = {
        "id": account.raw, "party_id": firm.raw, "bank_id": asked.lender.bytes, "number": bulk.join(b"62", number),
        "unit": b"CNY",
    }  # fmt: skip
    return {"parties_party": [party], "parties_bank_account": [bank]}


def _loans(
    asked: Asked, drawn: Drawn, firm: bulk.Ids, line: bulk.Ids, loan: bulk.Ids, late: Column, oldest: Column
) -> dict[str, list[dict[str, Any]]]:
    borrower = firm.raw[drawn.firm]
    left = drawn.performing.copy()
    for found, _, _, principal, _ in drawn.unpaid:
        left[found] += principal
    products, place = _products(drawn)
    columns: dict[str, Any] = {
        "id": loan.raw, "contract_id": line.raw[drawn.firm], "lender_id": asked.lender.bytes, "borrower_id": borrower,
        "borrowers": bulk.uuid_array([borrower]), "principal_minor": drawn.principal, "unit": b"CNY", "payouts": bulk.jsonb([]),
        "product": products[place], "started": bulk.days(drawn.contracts.start), "standing": bulk.derived(loan, b"principal").raw,
        "paid_by": bulk.jsonb({}), "recovered_minor": np.zeros(len(left), dtype=np.int64),
        "seen_by": bulk.uuid_array([borrower, asked.lender.bytes]), "rate_e6": drawn.rate.astype(np.int32),
        "periods": drawn.contracts.periods.astype(np.int32),
        "every_months": drawn.contracts.every_months.astype(np.int32), "repayment": drawn.kind.astype(np.int16),
        "basis": drawn.contracts.basis.astype(np.int16), "plain": np.ones(len(left), dtype=bool),
        "partition": (borrower[:, 15] & 63).astype(np.int16), "principal_left_minor": left,
        "raised": drawn.raised.astype(np.int32), "next_due": bulk.days(drawn.contracts.due_date(drawn.raised + 1)),
        "loan_class": _classes(drawn, late), "level": b"A", "policy_id": asked.policy.bytes,
    }  # fmt: skip
    overdue, due_now = late > 0, (late == 0) & ~np.isnat(oldest)
    groups = [(~overdue & ~due_now, b"live"), (due_now, b"live"), (overdue, b"overdue")]
    made = []
    for which, status in groups:
        some = bulk.some(columns, which) | {"status": status}
        made.append(some | {"oldest_due": None if np.isnat(oldest[which]).all() else bulk.days(oldest[which])})
    return {"financing_loan": made}


def _classes(drawn: Drawn, late: Column) -> Column:
    """Every loan of a firm in the class of its latest one (1, 90, 270, 360 days; the rulebook's days)."""
    days = late.reshape(-1, FIRM_LOANS).max(axis=1)
    found: Column = np.searchsorted([1, 90, 270, 360], days, side="right").astype(np.int16)[drawn.firm]
    return found


def _products(drawn: Drawn) -> tuple[Column, Column]:
    """The few thousand different products, and which one each loan has."""
    key = (drawn.kind * 100 + drawn.months) * 1_000_000 + drawn.rate
    found, place = np.unique(key, return_inverse=True)
    texts = [
        bulk.jsonb({
            "rate": f"{each % 1_000_000 / 1_000_000:.6f}", "repayment": KINDS[each // 100_000_000],
            "months": each // 1_000_000 % 100, "days": None, "every_months": 1, "basis": None, "grace_days": 0,
            "penalty_factor": "1.5", "early": True,
        }, 200)
        for each in found.tolist()
    ]  # fmt: skip
    return bulk.raw_bytes(b"".join(texts)).reshape(len(texts), -1), place


def _claims(asked: Asked, drawn: Drawn, firm: bulk.Ids, loan: bulk.Ids) -> tuple[list[dict[str, Any]], Column]:
    """Standing claims, and those of instalments unpaid; and all that is owed by loan."""
    root = bulk.derived(loan, b"principal")
    borrower = firm.raw[drawn.firm]
    owed = drawn.performing.copy()
    ends = drawn.contracts.due_date(drawn.contracts.periods)
    every = np.arange(len(owed))
    standing = _claim(asked, root.raw, loan.raw, borrower, drawn.performing, ends, root.raw, b"loan", every)
    standing |= {"amount_minor": drawn.principal, "moved_minor": drawn.principal - drawn.performing, "parent_id": None}
    made = [standing | {"state": b"held"}]
    for rows, number, due, *amounts in drawn.unpaid:
        for bucket, kind, minor in zip(("principal", "interest"), (b"loan", b"interest"), amounts, strict=True):
            owed[rows] += minor
            for state, which in (
                (b"held", due == np.datetime64(asked.eve)),
                (b"overdue", due < np.datetime64(asked.eve)),
            ):
                which &= minor > 0
                some = rows[which]
                ids = _due_ids(loan.raw[some], number[which], bucket)
                claim = _claim(asked, ids, loan.raw, borrower, minor[which], due[which], root.raw, kind, some)
                made.append(claim | {"state": state, "moved_minor": np.zeros(len(some), dtype=np.int64)})
    return made, owed


def _due_ids(loans: Column, numbers: Column, bucket: str) -> Column:
    from jirong.kernel.ids import derived_id

    found = [
        derived_id(uuid.UUID(bytes=row.tobytes()), "due", number, bucket).bytes
        for row, number in zip(loans, numbers.tolist(), strict=True)
    ]
    return bulk.raw_bytes(b"".join(found)).reshape(-1, 16)


def _claim(
    asked: Asked, id: Column, loan: Column, borrower: Column, minor: Column, due: Column, root: Column, kind: bytes,
    rows: Column,
) -> dict[str, Any]:  # fmt: skip
    zero = np.zeros(len(rows), dtype=np.int64)
    return {
        "id": id, "contract": loan[rows], "kind": kind, "debtor": borrower[rows], "creditor": asked.lender.bytes,
        "amount_minor": minor, "outstanding_minor": minor, "settled_minor": zero, "written_off_minor": zero,
        "voided_minor": zero, "reserved_minor": zero, "unit": b"CNY", "due": bulk.days(due), "root": root[rows],
        "tier": np.zeros(len(rows), dtype=np.int32), "background": bulk.jsonb([]), "frozen_by": b"",
        "seen_by": bulk.uuid_array([borrower[rows], asked.lender.bytes]), "parent_id": root[rows],
    }  # fmt: skip


def _contracts(
    asked: Asked, firm: bulk.Ids, line: bulk.Ids, loan: bulk.Ids, drawn: Drawn, left: Column
) -> dict[str, Any]:
    used, limit = _limits(drawn, left)
    application = bulk.derived(line, b"application")
    opened = bulk.days(np.full(len(used), np.datetime64(asked.eve) - 1198))
    money = np.ones(len(used), dtype=np.int64)
    asked_for = {
        "id": application.raw, "policy_id": asked.policy.bytes, "borrower_id": firm.raw, "asked_minor": limit,
        "use": b"working_capital", "purpose": b"", "state": b"signed", "joint": np.tile(bulk.raw_bytes(_empty()), (len(used), 1)),
    }  # fmt: skip
    product = bulk.jsonb({"rate": "0.060000", "repayment": "annuity", "months": 12, "days": None, "every_months": 1,
                     "basis": None, "grace_days": 0, "penalty_factor": "1.5", "early": True})  # fmt: skip
    contract = {
        "id": line.raw, "application_id": application.raw, "policy_id": asked.policy.bytes,
        "lender_id": asked.lender.bytes, "borrower_id": firm.raw, "borrowers": bulk.uuid_array([firm.raw]),
        "parties": bulk.jsonb({}), "limit_minor": limit, "unit": b"CNY", "rate": SIX_PERCENT, "product": product,
        "how": b"revolving", "least_minor": money, "multiple_minor": money, "opened_on": opened,
        "ends": opened + np.int32(3650), "status": b"live", "in_use_minor": used, "lowered_minor": money * 0,
        "draws": bulk.uuid_array([loan.raw[n::FIRM_LOANS] for n in range(FIRM_LOANS)]),
        "seen_by": bulk.uuid_array([firm.raw, asked.lender.bytes]),
    }  # fmt: skip
    return {"financing_application": [asked_for], "financing_contract": [contract]}


SIX_PERCENT = np.array([1, -1, 0, 6, 600], dtype=">i2").tobytes()
"""numeric 0.060000 in binary: one digit of base 10,000, weight −1, positive, six places."""


def _empty() -> bytes:
    return np.array([0, 0, 2950], dtype=">i4").tobytes()


def _limits(drawn: Drawn, left: Column) -> tuple[Column, Column]:
    used = np.bincount(drawn.firm, weights=left).astype(np.int64)
    return used, np.bincount(drawn.firm, weights=drawn.principal).astype(np.int64)


def _books(
    asked: Asked, low: int, drawn: Drawn, firm: bulk.Ids, line: bulk.Ids, loan: bulk.Ids, owed: Column, left: Column
) -> dict[str, Any]:
    """Accounts with their counters, and the transfers that made them."""
    from jirong.ledger.journal import ACCOUNTS

    root = bulk.derived(loan, b"principal")
    lender, borrower = asked.lender.bytes, firm.raw[drawn.firm]
    used, limit = _limits(drawn, left)
    codes = {
        "held": bulk.join(b"claims:", root.text(), b":held:", str(asked.lender).encode()),
        "owed": bulk.join(b"claims:", root.text(), b":owed:", firm.text()[drawn.firm]),
        **{
            side: bulk.join(b"capacity:line:", line.text(), f":{side}".encode()) for side in ("granted", "free", "used")
        },
    }
    ids = {name: bulk.derived(ACCOUNTS, code) for name, code in codes.items()}
    none, nothing = np.zeros(len(owed), dtype=np.int64), np.zeros(len(used), dtype=np.int64)
    owners = {"held": lender, "owed": borrower}
    kept = {
        "held": (b"claims", b"credits", owed, none, 1), "owed": (b"claims", b"debits", none, owed, 1),
        "granted": (b"capacity", b"debits", nothing, limit, 1), "free": (b"capacity", b"credits", limit, used, 2),
        "used": (b"capacity", b"credits", used, nothing, 1),
    }  # fmt: skip
    accounts = [
        {
            "id": ids[name].raw, "code": codes[name], "book": book, "unit": b"CNY", "owner_id": owners.get(name, lender),
            "bound": bound, "allowance_minor": none[: len(debits)], "closed": np.zeros(len(debits), dtype=bool),
            "shards": np.zeros(len(debits), dtype=np.int16), "entries": np.full(len(debits), entries, dtype=np.int64),
            "debits_pending": none[: len(debits)], "debits_posted": debits, "credits_pending": none[: len(debits)],
            "credits_posted": credits,
        }
        for name, (book, bound, debits, credits, entries) in kept.items()
    ]  # fmt: skip
    moved = [
        (bulk.derived(root, b"open"), ids["held"], ids["owed"], owed),
        (bulk.derived(line, b"grant"), ids["free"], ids["granted"], limit),
        (bulk.derived(line, b"use"), ids["used"], ids["free"], used),
    ]
    journals, transfers, position = [], [], low * (FIRM_LOANS + 2)
    for kind, (id, debit, credit, minor) in enumerate(moved):
        journal = uuid.uuid5(asked.lender, f"opening {low} {kind}").bytes
        size = len(minor)
        journals.append(journal)
        transfers.append({
            "id": id.raw, "journal_id": journal, "debit_account_id": debit.raw, "credit_account_id": credit.raw,
            "amount_minor": minor, "position": position + np.arange(1, size + 1),
            "ordinal": np.arange(1, size + 1, dtype=np.int32), "kind": np.ones(size, dtype=np.int16),
        })  # fmt: skip
        position += size
    moment = np.full(3, (np.datetime64(asked.eve, "us") - np.datetime64("2000-01-01", "us")).astype(np.int64))
    journal_rows = {
        "id": bulk.raw_bytes(b"".join(journals)).reshape(3, 16), "event_at": moment, "recorded_at": moment,
        "business_date": bulk.days(np.full(3, np.datetime64(asked.eve))),
        "size": np.array([len(minor) for *_, minor in moved], dtype=np.int32), "reason": b"book.opening",
    }  # fmt: skip
    return {"ledger_account": accounts, "ledger_journal": [journal_rows], "ledger_transfer": transfers}
