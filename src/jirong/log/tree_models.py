"""The log's tree as rows: leaves in their order, full tiles, checkpoints and what witnesses said of them.

All of it is insert-only and follows from ``log_entry`` and the log's key, so ``jirong log check`` can derive it again
and name whatever differs. Partial tiles are not kept: they follow from the leaves and from the roots of full tiles.
Only the queue of entries that wait for a leaf loses rows, in the transaction that gives them one.
"""

from __future__ import annotations

from django.db import models


class Queued(models.Model):
    """An entry that has no leaf yet; put here by a trigger in the transaction that wrote the entry."""

    entry = models.UUIDField(primary_key=True)
    serial = models.BigIntegerField()

    class Meta:
        db_table = "log_queue"
        indexes = [models.Index(fields=["serial"], name="log_queue_in_order")]


class Leaf(models.Model):
    """``index`` counts from 0 without a gap; ``hash`` is RFC 6962's of the leaf that ``log.leaves`` derives."""

    index = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField("log.Entry", models.PROTECT, related_name="leaf")
    hash = models.BinaryField()

    class Meta:
        db_table = "log_leaf"


class Tile(models.Model):
    """A full tile: 256 hashes of ``level`` in one value, and their ``root``, which stands in the level above."""

    level = models.SmallIntegerField()
    number = models.BigIntegerField()
    hashes = models.BinaryField()
    root = models.BinaryField()

    class Meta:
        db_table = "log_tile"
        constraints = [models.UniqueConstraint(fields=["level", "number"], name="log_tile_once")]


class Checkpoint(models.Model):
    """A signed head: ``note`` is the C2SP checkpoint with the log's signature line."""

    size = models.BigIntegerField(primary_key=True)
    root = models.BinaryField()
    note = models.TextField()

    class Meta:
        db_table = "log_checkpoint"


class Witness(models.Model):
    """A witness the log asks: its verifier key and where it listens. ``id`` is the action that added it."""

    id = models.UUIDField(primary_key=True)
    vkey = models.CharField(max_length=300, unique=True)
    url = models.CharField(max_length=300)

    class Meta:
        db_table = "log_witness"


class Cosignature(models.Model):
    """One witness's signature line under one checkpoint (cosignature/v1, with its time)."""

    checkpoint = models.ForeignKey(Checkpoint, models.PROTECT, related_name="cosignatures")
    witness = models.ForeignKey(Witness, models.PROTECT, related_name="cosignatures")
    line = models.TextField()

    class Meta:
        db_table = "log_cosignature"
        constraints = [models.UniqueConstraint(fields=["checkpoint", "witness"], name="log_cosignature_once")]


class Registration(models.Model):
    """Which entry registered a key, so that a receipt finds the proof of the key that signed it."""

    key = models.CharField(max_length=64, primary_key=True)
    entry = models.ForeignKey("log.Entry", models.PROTECT, related_name="+")

    class Meta:
        db_table = "log_registration"
