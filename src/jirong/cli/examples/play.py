"""Playing one example: its steps in order, then its figures.

A step that fails ends the example, because what follows rests on it; figures are all looked up, so that one run
shows everything that differs.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import Any, Protocol

from jirong.cli.examples import client as http
from jirong.cli.examples.document import Example, Figure, Step

PLACEHOLDER = re.compile(r"\$\{([^}]+)\}")
ASK_AGAIN_SECONDS = 0.2


class Caller(Protocol):
    """What playing needs of HTTP: one call that answers."""

    def call(self, method: str, path: str, token: str, sent: http.Sent | None = None) -> http.Answer: ...


class StepFailed(Exception):
    """A step that was not answered as the example says."""


@dataclass(frozen=True, slots=True)
class Found:
    """A figure as it came out; ``found`` is what was there, or what stood in the way."""

    figure: Figure
    found: str
    good: bool


@dataclass(frozen=True, slots=True)
class Played:
    """How one example went. ``failure`` is why it stopped short of its figures."""

    example: Example
    figures: list[Found]
    seconds: float
    failure: str | None = None

    @property
    def good(self) -> bool:
        return self.failure is None and all(figure.good for figure in self.figures)


class Play:
    """An example in progress: ``tokens`` by log-in, ``kept`` values by name (the world's own among them)."""

    def __init__(self, example: Example, caller: Caller, tokens: dict[str, str], kept: dict[str, Any]) -> None:
        self.example = example
        self.caller = caller
        self.tokens = tokens
        self.kept = dict(kept)

    def run(self) -> Played:
        started = time.monotonic()
        try:
            for step in self.example.steps:
                self.take(step)
        except StepFailed as failure:
            return Played(self.example, [], time.monotonic() - started, str(failure))
        figures = [self.look_up(figure) for figure in self.example.expect]
        return Played(self.example, figures, time.monotonic() - started)

    def take(self, step: Step) -> None:
        """Make one call and keep what the step says."""
        place = f"step {step.line} ({step.method.upper()} {step.path} as {step.who})"
        answer = self._act(step) if step.method == "do" else self._call(step)
        if step.refused:
            if answer.code != step.refused:
                raise StepFailed(f"{place}: expected to be refused with {step.refused}, was {_told(answer)}")
        elif not 200 <= answer.status < 300:
            raise StepFailed(f"{place}: {_told(answer)}")
        for name, path in step.keep.items():
            try:
                self.kept[name] = http.find(answer.body, self._filled(path))
            except (LookupError, ValueError) as error:
                raise StepFailed(f"{place}: nothing at {path} to keep: {error}") from None

    def _act(self, step: Step) -> http.Answer:
        """Ask for an action; where it takes two people, let the second approve."""
        id = self.example.id_of(f"id:{step.id}")
        asked = http.as_json(id, {**self._filled(step.json), "id": str(id)})
        answer = self.caller.call("post", f"/api/actions/{step.path}", self._token(step.who), asked)
        if answer.status != 202 or step.approved_by is None:
            return answer
        approval = http.as_json(id, {})
        path = f"/api/proposals/{http.find(answer.body, 'proposal')}/approve"
        return self.caller.call("post", path, self._token(step.approved_by), approval)

    def _call(self, step: Step) -> http.Answer:
        return self.caller.call(step.method, self._filled(step.path), self._token(step.who), self._sent(step))

    def look_up(self, figure: Figure) -> Found:
        """Ask for a figure, again and again while it may still come."""
        deadline = time.monotonic() + figure.within_seconds
        while True:
            found = self._ask(figure)
            good = found == http.shown(self._filled(figure.expected))
            if good or time.monotonic() >= deadline:
                return Found(figure, found, good)
            time.sleep(ASK_AGAIN_SECONDS)

    def _ask(self, figure: Figure) -> str:
        answer = self.caller.call("get", self._filled(figure.get), self._token(figure.who))
        if answer.status != 200:
            return _told(answer)
        try:
            return http.shown(http.find(answer.body, self._filled(figure.find)))
        except (LookupError, ValueError) as error:
            return f"?? {error}"

    def _sent(self, step: Step) -> http.Sent | None:
        id = self.example.id_of(f"id:{step.id}")
        if step.files or step.form:
            beside = {name: self.example.path.parent / path for name, path in step.files.items()}
            return http.as_form(id, {name: self._filled(value) for name, value in step.form.items()}, beside)
        return http.as_json(id, self._filled(step.json)) if step.json is not None else None

    def _token(self, who: str) -> str:
        if who not in self.tokens:
            raise StepFailed(f"nobody is called {who}; known: {', '.join(sorted(self.tokens))}")
        return self.tokens[who]

    def _filled(self, value: Any) -> Any:
        """``value`` with every ``${…}`` replaced; a string that is one placeholder takes the kept value's type."""
        if isinstance(value, dict):
            return {name: self._filled(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self._filled(inner) for inner in value]
        if not isinstance(value, str):
            return value
        whole = PLACEHOLDER.fullmatch(value)
        if whole:
            return self._value(whole.group(1))
        return PLACEHOLDER.sub(lambda match: str(self._value(match.group(1))), value)

    def _value(self, name: str) -> Any:
        if name.startswith("id:"):
            return str(self.example.id_of(name))
        if name not in self.kept:
            raise StepFailed(f"nothing called {name} was kept")
        return self.kept[name]


def _told(answer: http.Answer) -> str:
    """An answer in one line, with the refusal's own words where it has them."""
    body = answer.body
    if isinstance(body, dict):
        said = body.get("detail") or body.get("reason") or body
        return f"{answer.status} {answer.code or ''} {said}".strip()[:300]
    return f"{answer.status} {str(body)[:200]}"
