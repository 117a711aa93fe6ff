"""How the processes beside the site do: whether each runs, when it was last seen, and how far it lags.

The sequencer and the sandbox bank are seen by their connections to the database (each gives its name there, so
nothing has to write heartbeats), a witness by what it has cosigned. What each still has to do is counted where it
lies: entries without a leaf, checkpoints without a cosignature, instructions without an answer.
"""

from __future__ import annotations

import datetime
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Min

from jirong.kernel.text import Text
from jirong.log import tiles
from jirong.log.models import Cosignature, Entry, Queued, Witness
from jirong.parties import labels
from jirong.rails import sandbox
from jirong.store.identity import SYSTEM, acting_as
from jirong.trust import checkpoint, notes
from jirong.web import parts

SLOW_SECONDS = 5
"""What has waited longer than this is behind: the sequencer and the sandbox look several times in it."""
OF_THE_HOUSE = "jirong "


@dataclass(frozen=True)
class Process:
    """One process: what it does, how it stands, when it last gave a sign of life, what it has still to do."""

    name: Text
    does: Text
    status: parts.Status
    seen: datetime.datetime | None
    lag: Text
    command: str


@dataclass(frozen=True)
class Waiting:
    """How much waits for a process, and since when the oldest of it does."""

    count: int
    since: datetime.datetime | None


def processes(now: datetime.datetime) -> list[Process]:
    """Every process the site wants beside it; read as the house."""
    with acting_as(SYSTEM), transaction.atomic():
        seen = _connected()
        return [
            _sequencer(seen, now),
            _sandbox(seen, now),
            *(_witness(row) for row in Witness.objects.order_by("vkey")),
        ]


def _connected() -> dict[str, datetime.datetime]:
    """When each named process last spoke to this database, by its name."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT application_name, max(state_change) FROM pg_stat_activity WHERE datname = current_database() "
            "AND application_name LIKE %s GROUP BY application_name",
            [OF_THE_HOUSE + "%"],
        )
        return {name.removeprefix(OF_THE_HOUSE): at for name, at in cursor.fetchall() if at is not None}


def _sequencer(seen: dict[str, datetime.datetime], now: datetime.datetime) -> Process:
    queued = Queued.objects.count()
    oldest = Entry.objects.filter(pk__in=Queued.objects.values("entry")).aggregate(at=Min("recorded_at"))["at"]
    return Process(
        Text("排序进程", "Sequencer"),
        Text("把操作排入日志，签发检查点", "puts entries into the log and signs checkpoints"),
        _status("sequencer", seen, Waiting(queued, oldest), now),
        seen.get("sequencer"),
        Text(f"{queued}条待入日志", labels.counted(queued, "entry waits", "entries wait"))
        if queued
        else Text("无积压", "nothing waits"),
        "jirong log sequence --follow",
    )


def _sandbox(seen: dict[str, datetime.datetime], now: datetime.datetime) -> Process:
    waiting = sandbox.waiting()
    count, oldest = waiting.count(), waiting.aggregate(at=Min("recorded_at"))["at"]
    return Process(
        Text("沙箱银行", "Sandbox bank"),
        Text("执行并答复沙箱账户的付款（仅演示与测试）", "pays and answers for sandbox accounts (demonstrations only)"),
        _status("sandbox", seen, Waiting(count, oldest), now),
        seen.get("sandbox"),
        Text(f"{count}笔待答复", f"{count} to answer") if count else Text("无积压", "nothing waits"),
        "jirong sandbox --follow",
    )


def _status(name: str, seen: dict[str, datetime.datetime], waiting: Waiting, now: datetime.datetime) -> parts.Status:
    if name not in seen:
        if waiting.count:
            return parts.Status(Text("没有运行", "Not running"), Text("有事项在等它", "things wait for it"), "bad")
        return parts.Status(Text("没有运行", "Not running"), Text("暂无事项等它", "nothing waits for it"), "wait")
    if waiting.since is not None and (now - waiting.since).total_seconds() > SLOW_SECONDS:
        minutes = int((now - waiting.since).total_seconds() // 60)
        return parts.Status(Text("运行中", "Running"), Text(f"最早的已等{minutes}分钟", f"the oldest has waited {minutes} min"),
                            "wait")  # fmt: skip
    return parts.Status(Text("运行中", "Running"), tone="good")


def _witness(row: Witness) -> Process:
    """A witness is no process of ours: all that is known of it is what it cosigned, and that is signed."""
    head = tiles.head()
    last = Cosignature.objects.filter(witness=row).select_related("checkpoint").order_by("-checkpoint").first()
    verifier = notes.Verifier.parse(row.vkey)
    behind = (head.size if head else 0) - (last.checkpoint_id if last else 0)
    if behind:
        status = parts.Status(
            Text("落后于日志", "Behind the log"),
            Text(f"差{behind}条", f"by {labels.counted(behind, 'entry', 'entries')}"),
            "wait",
        )
    else:
        status = parts.Status(Text("已见证到最新检查点", "Cosigned the newest checkpoint"), tone="good")
    return Process(
        Text(f"见证人 {verifier.name}", f"Witness {verifier.name}"),
        Text("只为延续前一检查点的检查点联署", "cosigns only what extends the last checkpoint it saw"),
        status,
        _cosigned_at(last, verifier),
        Text(f"已见证 {last.checkpoint_id if last else 0} 条", f"{last.checkpoint_id if last else 0} entries cosigned"),
        row.url,
    )


def _cosigned_at(last: Cosignature | None, verifier: notes.Verifier) -> datetime.datetime | None:
    """When the witness says it cosigned; the time is inside its signature."""
    if last is None:
        return None
    note = notes.parse(last.checkpoint.note)
    at = checkpoint.cosigned_at(note.with_signatures(notes.parse_signatures(last.line)), verifier)
    return None if at is None else datetime.datetime.fromtimestamp(at, datetime.UTC)
