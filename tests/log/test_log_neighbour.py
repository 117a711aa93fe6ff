"""The witness on this machine: whose it is, and when there is none."""

from __future__ import annotations

from pathlib import Path

import pytest

from jirong.log import cosigning, neighbour, receipts
from jirong.log.models import Witness
from jirong.log.witness import book as books
from jirong.store.identity import SYSTEM
from jirong.store.ids import new_id

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(neighbour, "home", lambda: tmp_path)
    return tmp_path / "witnesses"


def test_a_log_without_witness_gets_one_and_keeps_it(folder: Path) -> None:
    place = neighbour.settle()
    assert place is not None
    assert place.folder.parent == folder
    row = Witness.objects.get()
    assert row.vkey == books.open_book(place.folder).verifier.vkey
    assert row.url == f"http://{place.listen}"
    assert neighbour.settle() == place
    assert receipts.trust().quorum == 1


def test_a_log_whose_witnesses_live_elsewhere_gets_none(tmp_path: Path, folder: Path) -> None:
    other = books.open_book(tmp_path / "elsewhere", "bank.example")
    cosigning.add_witness(actor=SYSTEM, id=new_id(), vkey=other.verifier.vkey, url="http://192.0.2.1:8941")
    assert neighbour.settle() is None
    assert not folder.exists()


def test_a_database_made_anew_gets_another_witness(folder: Path) -> None:
    of_an_earlier_log = books.open_book(folder / "earlier", neighbour.NAME)
    place = neighbour.settle()
    assert place is not None
    assert place.folder != of_an_earlier_log.folder
    assert Witness.objects.get().vkey != of_an_earlier_log.verifier.vkey
