"""An example as written: YAML, checked for shape before anything runs.

.. code-block:: yaml

    example: textile-chain-note
    title: {zh: 纺织链单, en: Textile chain note}
    source: sources/000, scene 1
    business_date: "2026-01-05"            # these three found the world it begins with (see cli/world.py)
    parties:
      core: {name: 锦程服装, size: large, roles: [core], bank: bank, balance: "20000000.00"}
    clusters: {}
    steps:
      - as: core.maker                     # a party and one of its people
        do: note.issue                     # an action: POST /api/actions/note.issue
        id: issue                          # its id follows from this name (default: the step's number)
        with: {payee: "${party:merchant}", amount: "10000000.00"}
        approved_by: core.checker          # who approves, where the action takes two people
        keep: {lot: outcome.lot}           # name → path in the answer
      - as: merchant.maker
        post: /api/facts/import            # any other call: get, post, put, patch, delete
        form: {kind: order}
        file: {file: textile/orders.csv}   # field → file beside the example
      - as: merchant.maker
        do: lot.ask_loan
        with: {lot: "${lot}"}
        refused: lot.reserved              # this step must be refused with this code
    expect:
      - figure: {zh: 利息, en: Interest}
        as: bank.maker
        get: /api/loans/${loan}
        find: interest                     # path in the answer
        is: "140000.00"
        within: 5                          # seconds to wait for it, for what happens behind the scenes

``${name}`` is a kept value; ``${id:name}`` is an id that follows from the example and the name; ``${party:name}``,
``${account:name}``, ``${cluster:name}`` are ids of its world, ``${uscc:name}`` a credit code. Amounts are quoted: a
YAML float would already have lost the fen.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from jirong.kernel import ids
from jirong.kernel.errors import Invalid
from jirong.kernel.text import Text

READER: type[yaml.SafeLoader | yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Ten times as quick where PyYAML was built with libyaml, as its wheels are."""
METHODS = ("do", "get", "post", "put", "patch", "delete")
NAMESPACE = uuid.UUID("5f0ad1f0-6a0c-5c3e-9d6b-6a69726f6e67")


@dataclass(frozen=True, slots=True)
class Step:
    """One HTTP call by one log-in (``do``: an action, by its code), and what to keep of its answer."""

    who: str
    method: str
    path: str
    id: str
    json: Any = None
    approved_by: str | None = None
    form: dict[str, str] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    keep: dict[str, str] = field(default_factory=dict)
    refused: str | None = None
    line: int = 0


@dataclass(frozen=True, slots=True)
class Figure:
    """What must be found at ``find`` in the answer to ``get`` asked by ``who``."""

    name: Text
    who: str
    get: str
    find: str
    expected: Any
    within_seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Example:
    """A whole example file."""

    path: Path
    name: str
    title: Text
    source: str
    plan: dict[str, Any]
    steps: list[Step]
    expect: list[Figure]

    def id_of(self, name: str) -> uuid.UUID:
        """The id that ``name`` has in this example, the same in every run."""
        return ids.derived_id(NAMESPACE, self.name, name)


def find_all(folder: Path) -> list[Path]:
    """Example files of ``folder``, in the order of their names; other YAML lies in sub-folders."""
    return sorted(folder.glob("*.yaml"))


def read(path: Path) -> Example:
    """Read one file; refuses what it does not understand, with the place."""
    try:
        raw = yaml.load(path.read_text(encoding="utf-8"), Loader=READER)  # noqa: S506 (a safe loader)
        _refuse_floats(raw, path)
        return Example(
            path=path,
            name=str(raw["example"]),
            title=Text.from_dict(raw["title"]),
            source=str(raw["source"]),
            plan={key: raw[key] for key in ("business_date", "parties", "clusters") if key in raw},
            steps=[_step(item, number) for number, item in enumerate(raw.get("steps", []), 1)],
            expect=_figures(raw["expect"]),
        )
    except (yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as error:
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise Invalid(
            "example.unreadable",
            Text(f"示例文件读不懂：{said}", f"the example cannot be read: {said}"),
            remedy=Text("格式见 jirong.cli.examples.document", "the format is told in jirong.cli.examples.document"),
            where=path.name,
        ) from None


def _step(item: dict[str, Any], number: int) -> Step:
    method, path = _call(item)
    wanted = {"with", "approved_by"} if method == "do" else {"json", "form", "file"}
    known = {"as", "id", "keep", "refused", "say", method, *wanted}
    if unknown := set(item) - known:
        raise ValueError(f"step {number}: unknown {', '.join(sorted(unknown))}")
    return Step(
        who=str(item["as"]),
        method=method,
        path=path,
        id=str(item.get("id", f"step {number}")),
        json=item.get("with", {}) if method == "do" else item.get("json"),
        approved_by=item.get("approved_by"),
        form={name: str(value) for name, value in item.get("form", {}).items()},
        files=dict(item.get("file", {})),
        keep=dict(item.get("keep", {})),
        refused=item.get("refused"),
        line=number,
    )


def _call(item: dict[str, Any]) -> tuple[str, str]:
    named = [method for method in METHODS if method in item]
    if len(named) != 1:
        raise ValueError(f"a step has exactly one of {', '.join(METHODS)}: {item}")
    return named[0], str(item[named[0]])


def _figures(items: list[dict[str, Any]]) -> list[Figure]:
    if not items:
        raise ValueError("expect names no figure, so the example would prove nothing")
    return [_figure(item) for item in items]


def _figure(item: dict[str, Any]) -> Figure:
    return Figure(
        name=Text.from_dict(item["figure"]),
        who=str(item["as"]),
        get=str(item["get"]),
        find=str(item["find"]),
        expected=item["is"],
        within_seconds=int(item.get("within", 0)),
    )


def _refuse_floats(raw: Any, path: Path) -> None:
    for place, value in _leaves(raw, ""):
        if isinstance(value, float):
            raise Invalid(
                "example.float",
                Text(f"金额或利率须加引号：{place} = {value}", f"quote amounts and rates: {place} = {value}"),
                remedy=Text(f'写成 "{value}"', f'write "{value}"'),
                where=path.name,
            )


def _leaves(value: Any, place: str) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, f"{place}.{name}".lstrip("."))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _leaves(inner, f"{place}.{index}")
    else:
        yield place, value
