"""Running an example: a file of requests as people make them, and the figures that must come out.

An example founds its world on a fresh database and then only speaks HTTP: ``steps`` are requests made as somebody
(``core.maker``), days passing (``until``), or the pretended bank answering (``bank: answers``). ``${…}`` stands for
what earlier steps saved, for ``party``, ``code``, ``account`` and ``cluster`` by name. ``expect`` names figures with
where to read them and what they must be, to the fen. Nothing is computed here: a figure is found or it is not.
"""

from __future__ import annotations

import json
import re
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import yaml

from jirong.cli.world import World
from jirong.kernel.ids import derived_id

FOLDER = Path(__file__).resolve().parents[3] / "examples"


class Answer(Protocol):
    """What a transport returns: an HTTP status and the parsed JSON."""

    @property
    def status(self) -> int: ...

    @property
    def body(self) -> Any: ...


Send = Callable[..., Answer]
"""``send(method, path, token=, key=, json=, form=, file=)``."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One expectation: what it is called, what was expected, what was found."""

    name: str
    expected: str
    found: str

    @property
    def holds(self) -> bool:
        return self.expected == self.found


@dataclass
class Result:
    example: str
    figures: list[Figure] = field(default_factory=list)
    failure: str = ""
    seconds: float = 0.0

    @property
    def holds(self) -> bool:
        return not self.failure and bool(self.figures) and all(figure.holds for figure in self.figures)


class StepFailed(Exception):
    """A request did not answer as the example says; the message names the step."""


def load(path: Path) -> dict[str, Any]:
    """The example's document; variants share a world and files with ``base: other.yaml``."""
    document: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    if "base" in document:
        document = {**load(path.parent / document["base"]), **document}
    return document


def files() -> list[Path]:
    return sorted(FOLDER.glob("*.yaml"))


@dataclass
class Runner:
    """Runs one example against a server through ``send``; ``bank`` lets the pretended bank answer what waits."""

    document: Mapping[str, Any]
    world: World
    send: Send
    bank: Callable[[], object]
    folder: Path = FOLDER

    def __post_init__(self) -> None:
        self.saved: dict[str, Any] = {
            "party": self.world.parties,
            "code": self.world.codes,
            "account": self.world.accounts,
            "cluster": self.world.clusters,
        }
        self.requests = 0

    def run(self) -> Result:
        result = Result(str(self.document["example"]))
        began = time.perf_counter()
        try:
            for number, step in enumerate(self.document["steps"], 1):
                self._step(number, step)
            result.figures = [self._figure(expectation) for expectation in self.document["expect"]]
        except StepFailed as failed:
            result.failure = str(failed)
        result.seconds = time.perf_counter() - began
        return result

    def _step(self, number: int, step: Mapping[str, Any]) -> None:
        if "until" in step:
            self._pass_days(str(step["until"]))
        elif step.get("bank") == "answers":
            self.bank()
        else:
            answer = self._request(step, f"{number} ({step.get('note', step.get('do', step.get('get', '')))})")
            for name, path in step.get("save", {}).items():
                self.saved[name] = dig(answer.body, self._fill(path))
            if step.get("approve"):
                self._approve(number, step, answer)

    def _request(self, step: Mapping[str, Any], name: str) -> Answer:
        token = self.world.tokens.get(step["as"])
        if token is None:
            raise StepFailed(f"step {name}: nobody is called {step['as']}")
        key = str(self._key(step.get("key", str(self.requests))))
        self.requests += 1
        if "do" in step:
            sent = {"json": self._fill(step.get("with", {}))}
            answer = self.send("POST", f"/api/actions/{step['do']}", token=token, key=key, **sent)
        elif "upload" in step:
            data = self._fill((self.folder / step["upload"]).read_text(encoding="utf-8")).encode()
            file = (Path(step["upload"]).name, data)
            answer = self.send(
                "POST", "/api/facts/import", token=token, key=key, form={"kind": step["kind"]}, file=file
            )
        else:
            answer = self.send("GET", self._fill(step["get"]), token=token)
        allowed = (step["refused"],) if "refused" in step else (200, 202)
        got = answer.status if "refused" not in step else answer.body.get("code")
        if got not in allowed:
            raise StepFailed(f"step {name}: {answer.status} {json.dumps(answer.body, ensure_ascii=False)[:600]}")
        return answer

    def _approve(self, number: int, step: Mapping[str, Any], proposed: Answer) -> None:
        token = self.world.tokens[step["approve"]]
        answer = self.send("POST", f"/api/proposals/{proposed.body['proposal']}/approve", token=token, json={})
        if answer.status != 200:
            raise StepFailed(f"step {number}: approval {answer.status} {answer.body}")
        self.saved.update({n: dig(answer.body, p) for n, p in step.get("save_approved", {}).items()})

    def _pass_days(self, until: str) -> None:
        key = str(self._key(f"until {until}"))
        token = self.world.tokens["operator.maker"]
        answer = self.send("POST", "/api/actions/business_date.advance", token=token, key=key, json={"to": until})
        if answer.status != 200:
            raise StepFailed(f"advancing to {until}: {answer.body}")

    def _figure(self, expectation: Mapping[str, Any]) -> Figure:
        if "saved" in expectation:
            found = dig(self.saved, expectation["saved"])
        else:
            found = dig(self._request(expectation, str(expectation["figure"])).body, self._fill(expectation["read"]))
        return Figure(str(expectation["figure"]), str(expectation["is"]), str(found))

    def _key(self, name: str) -> uuid.UUID:
        return derived_id(self.world.id("request"), name)

    def _fill(self, value: Any) -> Any:
        """``value`` with every ``${path}`` replaced by what was saved."""
        if isinstance(value, str):
            return re.sub(r"\$\{([^}]+)\}", lambda found: str(dig(self.saved, found.group(1))), value)
        if isinstance(value, list):
            return [self._fill(item) for item in value]
        if isinstance(value, dict):
            return {name: self._fill(item) for name, item in value.items()}
        return str(value) if not isinstance(value, (int, bool, type(None))) else value


def dig(value: Any, path: str) -> Any:
    """Follow ``a.0.b`` and ``items[kind=lot].amount`` (the first that fits); what is not there reads ``—``."""
    for part in re.findall(r"[^.\[\]]+|\[[^\]]*\]", path):
        if part.startswith("["):
            name, _, wanted = part[1:-1].partition("=")
            value = next((item for item in value if str(item.get(name)) == wanted), None)
        elif isinstance(value, list):
            value = value[int(part)] if int(part) < len(value) else None
        elif isinstance(value, Mapping):
            value = value.get(part)
        if value is None:
            return "—"
    return value
