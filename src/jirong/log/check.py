"""``jirong log check``: derive the whole log again from its rows and name whatever differs.

Three things must agree on every leaf: the entry's columns, the leaf's hash and the hash in its tile; where one
differs from the other two, that row is named. From the leaves follow the tiles, and the roots that the log signed in
its checkpoints; each cosignature must be its witness's. Whoever can rewrite every row *and* holds the log's key could
make all of that agree; then the witnesses' own memory (``ask_witnesses``) tells.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db import connection, transaction

from jirong.kernel.errors import Refusal
from jirong.kernel.text import Text
from jirong.log import authority, check_entries, cosigning
from jirong.log.check_entries import Finding, row
from jirong.log.models import Checkpoint, Cosignature, Entry, Leaf, Tile, Witness
from jirong.store.identity import SYSTEM, acting_as
from jirong.trust import canonical, checkpoint, merkle, notes, tiles
from jirong.trust.tiles import WIDTH, Place


def check(*, ask_witnesses: bool = False) -> list[Finding]:
    """Everything that does not follow, in the order found; empty if the log is whole."""
    with acting_as(SYSTEM), transaction.atomic():
        size = Checkpoint.objects.order_by("-size").values_list("size", flat=True).first() or 0
        findings = [*_counts(), *Walk(size).findings(), *_stray_tiles(size), *_witnesses(), *_cosignatures(size)]
        if ask_witnesses:
            findings += cosigning.compare_with_witnesses()
        return findings


@dataclass
class Walk:
    """One pass over the leaves in their order, 256 at a time, with what follows from them so far."""

    size: int
    tree: merkle.Frontier = field(default_factory=merkle.Frontier)
    above: dict[int, list[bytes]] = field(default_factory=dict)
    """Roots of full tiles, by the level they stand in, since that level's last full tile."""

    def findings(self) -> Iterator[Finding]:
        keys = check_entries.Keys()
        heads = Checkpoint.objects.filter(size__lte=self.size).order_by("size").iterator(chunk_size=1000)
        awaited = next(heads, None)
        for first in range(0, self.size, WIDTH):
            block = _Block(first, min(WIDTH, self.size - first), keys)
            yield from block.entry_findings
            yield from block.judge(self._head_root() if block.tile is None else None, self.tree)
            for hash in block.agreed:
                self.tree.add(hash)
                while awaited and awaited.size == self.tree.size:
                    yield from _head(awaited, self.tree.root())
                    awaited = next(heads, None)
            if block.width == WIDTH:
                yield from self._full(Place(0, first // WIDTH), block.agreed)
        yield from keys.unused()

    def _full(self, place: Place, hashes: list[bytes]) -> Iterator[Finding]:
        """Compare a full tile's row with what it should hold, and carry its root to the level above."""
        stored = Tile.objects.filter(level=place.level, number=place.number).first()
        root = merkle.fold(hashes)
        if stored is None:
            yield row("log_tile", place.path, "缺失", "is missing")
        elif bytes(stored.hashes) != b"".join(hashes):
            at = next(i for i, hash in enumerate(tiles.split(bytes(stored.hashes))) if hash != hashes[i])
            yield row("log_tile", place.path, f"第 {at} 个散列不符", f"hash {at} is not what follows from below")
        elif bytes(stored.root) != root:
            yield row("log_tile", place.path, "根不符", "its root is not that of its hashes")
        upper = self.above.setdefault(place.level + 1, [])
        upper.append(root)
        if len(upper) == WIDTH:
            number = place.number // WIDTH
            full, upper[:] = list(upper), []
            yield from self._full(Place(place.level + 1, number), full)

    def _head_root(self) -> bytes | None:
        """The root the log signed for the whole tree, to judge leaves that no full tile holds yet."""
        note = Checkpoint.objects.filter(size=self.size).values_list("note", flat=True).first()
        try:
            signed = notes.parse(note or "")
            root = checkpoint.parse(signed.text).root
        except Refusal:
            return None
        return root if notes.signed_by(signed, authority.verifier()) else None


class _Block:
    """Up to 256 leaves: what their entries derive, what the leaf rows hold, and what their tile holds if full."""

    def __init__(self, first: int, width: int, keys: check_entries.Keys) -> None:
        self.first, self.width = first, width
        rows = {leaf.index: leaf for leaf in Leaf.objects.filter(index__gte=first, index__lt=first + width)}
        entries = Entry.objects.in_bulk([leaf.entry_id for leaf in rows.values()])
        self.rows = [rows.get(index) for index in range(first, first + width)]
        self.entries = [entries.get(leaf.entry_id) if leaf else None for leaf in self.rows]
        stored = Tile.objects.filter(level=0, number=first // WIDTH).first() if width == WIDTH else None
        self.tile = tiles.split(bytes(stored.hashes)) if stored else None
        self.held = [bytes(leaf.hash) if leaf else None for leaf in self.rows]
        self.derived = [check_entries.hash_of(entry) if entry else None for entry in self.entries]
        self.entry_findings = [finding for entry in self.entries if entry for finding in keys.check(entry)]
        self.agreed: list[bytes] = []

    def judge(self, head_root: bytes | None, before: merkle.Frontier) -> Iterator[Finding]:
        """Name the rows that differ and settle on the hash each leaf should have."""
        witness = self.tile or self._by_root(head_root, before)
        for at in range(self.width):
            held, derived, third = self.held[at], self.derived[at], witness[at] if witness else None
            self.agreed.append(self._settle(held, derived, third))
            if held is not None and held == derived:
                continue
            if held is None or held != third:
                yield self._leaf(at)
            if held is not None and (derived is None or derived != third):
                yield self._entry(at)

    def _by_root(self, head_root: bytes | None, before: merkle.Frontier) -> list[bytes] | None:
        """Which of the two columns of hashes leads to the signed root; ``None`` if neither does."""
        for column in (self.held, self.derived):
            whole = [hash for hash in column if hash is not None]
            if len(whole) == self.width and before.after(whole) == head_root:
                return whole
        return None

    @staticmethod
    def _settle(held: bytes | None, derived: bytes | None, third: bytes | None) -> bytes:
        """The hash two of three agree on; else what the tile says, the leaf row, the entry, in that order."""
        if held is not None and held == derived:
            return held
        return third or held or derived or bytes(merkle.HASH_SIZE)

    def _leaf(self, at: int) -> Finding:
        if self.rows[at] is None:
            return row("log_leaf", self.first + at, "缺失", "is missing")
        return row("log_leaf", self.first + at, "散列与其条目不符", "its hash is not that of its entry")

    def _entry(self, at: int) -> Finding:
        leaf, entry, index = self.rows[at], self.entries[at], self.first + at
        if entry is None:
            return row("log_entry", leaf.entry_id if leaf else "?", "缺失", f"is missing (leaf {index})")
        name = f"{entry.serial} ({entry.pk})"
        return row("log_entry", name, f"内容与第 {index} 片叶不符", f"its columns are not those of leaf {index}")


def _head(stored: Checkpoint, root: bytes) -> Iterator[Finding]:
    """One checkpoint row against its own note, the log's key and the tree."""
    try:
        note = notes.parse(stored.note)
        head = checkpoint.parse(note.text)
    except Refusal as error:
        yield row("log_checkpoint", stored.size, error.reason.zh, error.reason.en)
        return
    if note.encode() != stored.note or len(note.signatures) != 1 or not notes.signed_by(note, authority.verifier()):
        yield row("log_checkpoint", stored.size, "日志签名无效", "its note is not signed by the log")
    elif head.size != stored.size:
        yield row("log_checkpoint", stored.size, "签名文本写的是另一大小", "its note speaks of another size")
    elif head.root != bytes(stored.root):
        yield row("log_checkpoint", stored.size, "根与签名文本不符", "its root is not the one in its note")
    elif head.root != root:
        yield row(
            "log_checkpoint", stored.size, "所签的根不是这些叶的根", "the root it signs is not that of its leaves"
        )


COUNTS = """
SELECT (SELECT count(*) FROM log_leaf), (SELECT coalesce(max(size), 0) FROM log_checkpoint),
    ARRAY(SELECT e.serial || ' (' || e.id || ')' FROM log_entry e
          WHERE NOT EXISTS (SELECT FROM log_leaf l WHERE l.entry_id = e.id)
            AND NOT EXISTS (SELECT FROM log_queue q WHERE q.entry = e.id AND q.serial = e.serial) LIMIT 100),
    ARRAY(SELECT q.entry::text FROM log_queue q
          WHERE NOT EXISTS (SELECT FROM log_entry e WHERE e.id = q.entry)
             OR EXISTS (SELECT FROM log_leaf l WHERE l.entry_id = q.entry) LIMIT 100)
"""


def _counts() -> Iterator[Finding]:
    """What one snapshot must show even while the sequencer runs: every entry has a leaf or waits for one."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTS)
        leaves, size, lost, stray = cursor.fetchone()
    if leaves != size:
        text = f"共 {leaves} 片叶，最新检查点为 {size}", f"{leaves} leaves, but the newest checkpoint says {size}"
        yield row("log_checkpoint", size, *text)
    for name in lost:
        yield row("log_entry", name, "既无叶也不在队列中", "has no leaf and does not wait for one")
    for name in stray:
        yield row("log_queue", name, "没有等待中的条目", "has no entry that waits for a leaf")


def _stray_tiles(size: int) -> Iterator[Finding]:
    """Tiles beyond those a tree of ``size`` has. (Newer ones, of a batch just committed, belong to a newer head.)"""
    newest = Checkpoint.objects.order_by("-size").values_list("size", flat=True).first() or size
    for level, number in Tile.objects.order_by("level", "number").values_list("level", "number"):
        if (number + 1) << (tiles.HEIGHT * (level + 1)) > newest:
            yield row("log_tile", Place(level, number).path, "多余", "does not belong to the tree")


def _witnesses() -> Iterator[Finding]:
    """Each witness row must say what the logged action that added it said."""
    for witness in Witness.objects.order_by("id"):
        entry = Entry.objects.filter(id=witness.pk, action="log.add_witness").first()
        body = canonical.parse(entry.statement)["body"] if entry else {}
        if (witness.vkey, witness.url) != (body.get("vkey"), str(body.get("url")).rstrip("/")):
            yield row("log_witness", witness.pk, "与登记它的操作不符", "is not what the action that added it said")


def _cosignatures(size: int) -> Iterator[Finding]:
    lines = Cosignature.objects.filter(checkpoint__size__lte=size).select_related("checkpoint", "witness")
    for stored in lines.order_by("id").iterator(chunk_size=1000):
        if not _cosigned(stored):
            yield row("log_cosignature", stored.pk, "见证签名无效", "is not its witness's signature of its checkpoint")


def _cosigned(stored: Cosignature) -> bool:
    try:
        verifier = notes.Verifier.parse(stored.witness.vkey)
        text = notes.parse(stored.checkpoint.note).text
        (line,) = notes.parse_signatures(stored.line)
    except (Refusal, ValueError):
        return False
    return checkpoint.cosigned_at(notes.Note(text, (line,)), verifier) is not None


def summary(findings: list[Finding], size: int) -> Text:
    """One sentence on the whole."""
    if findings:
        return Text(f"发现 {len(findings)} 处不符", f"{len(findings)} things do not follow")
    return Text(f"日志完整：{size} 片叶", f"The log is whole: {size} leaves")
