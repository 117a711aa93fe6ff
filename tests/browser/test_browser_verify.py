"""The verifier in the browser says, step by step, what the verifier in Python says: same states, words and places."""

from __future__ import annotations

import base64
import dataclasses
import importlib.util
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from playwright.sync_api import expect

from jirong.trust import canonical, checkpoint, keys, leaf, notes, receipt, tiles, verify

BOTH = ("bank.example", "gov.example")
WALK = """async ([data, trust]) => {
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const module = await import("/static/jirong/verify.js");
  const found = await module.verify(bytes(data), await module.readTrust(bytes(trust)));
  return { state: found.state, grade: found.grade, size: found.size === null ? null : Number(found.size),
    steps: found.steps.map(({ code, state, text, where }) => ({ code, state, text, where })) };
}"""


def load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"helper_{path.stem}", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


made = load(Path(__file__).parents[1] / "trust" / "conftest.py")


@pytest.fixture(scope="module")
def log() -> Any:
    found = made.Log()
    found.register_key()
    for number in range(8):
        found.add("note.transfer", {"amount": "1000.00", "lot": f"批次{number}"}, {"lot": str(number)})
    return found


@pytest.fixture(scope="module")
def trust() -> receipt.Trust:
    witnesses = (notes.verifier_of(name, made.private_key(name), notes.COSIGNATURE) for name in BOTH)
    return receipt.Trust(notes.verifier_of(made.ORIGIN, made.private_key("log")), tuple(witnesses), 2)


def walk(page: Any, data: bytes, trust: receipt.Trust) -> dict[str, Any]:
    trusted = json.dumps(trust.as_dict()).encode()
    arguments = [base64.b64encode(data).decode(), base64.b64encode(trusted).decode()]
    found: dict[str, Any] = page.evaluate(WALK, arguments)
    return found


def expected(data: bytes, trust: receipt.Trust) -> dict[str, Any]:
    verdict = verify.verify(data, trust).as_dict()
    return {name: verdict[name] for name in ("state", "grade", "size", "steps")}


REPLACEMENTS: tuple[Any, ...] = (None, "x", 7, [], {}, "0" * 64)


def changes(data: bytes) -> Iterator[tuple[str, bytes]]:
    """The receipt with one field replaced, for every field, each by something else of its kind and by another kind."""
    body = json.loads(data)

    def places(value: Any, path: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
        inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for name, each in inner:
            yield (*path, name)
            yield from places(each, (*path, name))

    for path in places(body, ()):
        for replacement in REPLACEMENTS:
            root = at = json.loads(data)
            for name in path[:-1]:
                at = at[name]
            at[path[-1]] = replacement
            yield f"{path}={replacement!r}", canonical.encode(root)


def comparable(verdict: dict[str, Any], words: bool) -> dict[str, Any]:
    steps = [step if words else {**step, "text": None} for step in verdict["steps"]]
    return {**verdict, "steps": steps}


def test_every_field_changed_is_judged_alike(open_page: Any, log: Any, trust: receipt.Trust) -> None:
    page = open_page("/verify")
    data = log.receipt(5, 0, *BOTH).encode()
    assert walk(page, data, trust) == expected(data, trust)
    assert expected(data, trust)["state"] == "ok"
    tried = 0
    for name, altered in changes(data):
        # Only the printed form of a value that should have been a text may differ ("None" and "null").
        words = "'action')" not in name and "'actor')" not in name
        assert comparable(walk(page, altered, trust), words) == comparable(expected(altered, trust), words), name
        tried += 1
    assert tried > 150


def test_other_kinds_of_receipt_are_judged_alike(open_page: Any, log: Any, trust: receipt.Trust) -> None:
    page = open_page("/verify")
    whole = log.receipt(5, 0, *BOTH)
    long = made.Log()
    long.register_key(custody="platform")
    long.add("note.issue", {"memo": "长" * tiles.ENTRY_MAX}, {"note": "1"}, grade="platform")
    system = long.add("day.close", {}, {}, grade="system")
    bare = dict(long.leaves[system], signature="", key="", statement=dict(long.statements[system], actor=""))
    pending = receipt.Receipt(receipt.Proven(log.leaves[5], None), None, None)
    lines = str(whole.checkpoint).rstrip("\n").split("\n")
    spoiled = "\n".join([*lines[:-1], lines[-1][:-6] + "AAAA" + lines[-1][-2:]]) + "\n"
    other = checkpoint.sign(checkpoint.Checkpoint("other", 9, bytes(32)), made.private_key("x"))
    kinds = {
        "one witness": log.receipt(5, 0, "bank.example"),
        "no witness": log.receipt(5, 0),
        "a long statement": long.receipt(1, 0, *BOTH),
        "first leaf": log.receipt(0, 0, *BOTH),
        "pending": pending,
        "system": receipt.Receipt(receipt.Proven(bare, 2), None, long.checkpoint(*BOTH).encode()),
        "spoiled cosignature": dataclasses.replace(whole, checkpoint=spoiled),
        "another log": dataclasses.replace(whole, checkpoint=other.encode()),
    }
    for name, kind in kinds.items():
        data = kind.encode()
        assert walk(page, data, trust) == expected(data, trust), name
    assert leaf.holds_statement(long.leaves[1]) is False


NOT_RECEIPTS = [b"", b"{", b"[]", b"\xff", b"\xef\xbb\xbf{}", b"1e999"]
NOT_RECEIPTS += [b'{"a":1,"a":1}', b'{"a":9007199254740993}', b'{"a":"\\ud800"}']


@pytest.mark.parametrize("data", NOT_RECEIPTS)
def test_what_is_no_receipt_is_said_to_be_none(open_page: Any, trust: receipt.Trust, data: bytes) -> None:
    page = open_page("/verify")
    found = walk(page, data, trust)
    assert [(step["code"], step["state"]) for step in found["steps"]] == [("format", "failed")]
    assert verify.verify(data, trust).state == "failed"


def test_the_arithmetic_agrees_with_the_browsers_own_and_with_rfc_8032(open_page: Any) -> None:
    page = open_page("/verify")
    private = bytes.fromhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")
    public = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
    assert keys.public_of(private) == public
    cases = []
    for message in (b"", b"r", "链单".encode()):
        signature = keys.sign(private, message)
        cases += [(public, signature, message), (public, signature, message + b"x")]
        cases += [(public, signature[:32] + bytes(32), message), (bytes(32), signature, message)]
        cases += [(public, bytes(31) + b"\xff" + signature[32:], message), (public, signature[:63], message)]
    found = page.evaluate(
        """async (cases) => {
          const module = await import("/static/jirong/ed25519.js");
          const answers = [];
          for (const [key, signature, message] of cases.map((each) => each.map((list) => Uint8Array.from(list)))) {
            const slow = signature.length === 64 && await module.verifySlowly(key, signature, message);
            answers.push([await module.verify(key, signature, message), slow]);
          }
          return answers;
        }""",
        [[list(part) for part in case] for case in cases],
    )
    assert found == [[keys.verify(*case)] * 2 for case in cases]
    assert found[0] == [True, True]


def test_a_dropped_receipt_is_walked_before_the_readers_eyes_without_a_network(
    open_page: Any, log: Any, trust: receipt.Trust, tmp_path: Path
) -> None:
    files = [tmp_path / "trust.json", tmp_path / "receipt.json"]
    files[0].write_text(json.dumps(trust.as_dict()), encoding="utf-8")
    files[1].write_bytes(log.receipt(5, 0, *BOTH).encode())
    page = open_page("/verify", width=360, reduced_motion="reduce")
    page.locator("[data-verify][data-attached]").wait_for()
    page.context.set_offline(True)
    page.locator("input[type=file]").set_input_files(files)
    page.get_by_text("凭据成立：每一步都已核对").wait_for()
    expect(page.locator(".proof-step.is-ok")).to_have_count(10)
    page.locator("[data-code=inclusion] summary").click()
    expect(page.locator("[data-code=inclusion] .proof-trail b")).to_have_text("=")
    expect(page.locator("[data-facts]")).to_contain_text("1000.00")
    page.context.set_offline(False)

    body = json.loads(files[1].read_bytes())
    body["entry"]["leaf"]["statement"]["body"]["amount"] = "9000.00"
    files[1].write_bytes(canonical.encode(body))
    page.reload()
    page.locator("[data-verify][data-attached]").wait_for()
    page.locator("input[type=file]").set_input_files(files[1])
    page.get_by_text("凭据不成立").wait_for()
    failed = page.locator(".proof-step.is-failed")
    assert [failed.nth(i).get_attribute("data-code") for i in range(failed.count())] == ["signature", "inclusion"]


def test_a_sample_is_walked_without_a_file_or_a_network_and_an_altered_digit_is_found(open_page: Any) -> None:
    page = open_page("/verify", reduced_motion="reduce")
    page.locator("[data-verify][data-attached]").wait_for()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.context.set_offline(True)
    page.get_by_role("button", name="没有文件？用示例走一遍").click()
    page.get_by_text("凭据成立：每一步都已核对").wait_for()
    expect(page.locator("[data-code=witnesses]")).to_contain_text("demo-bank.local/witness · 2026")
    expect(page.locator("[data-facts]")).to_contain_text("不能排除平台代签")
    page.get_by_role("button", name="改动一个数字再核验").click()
    page.get_by_text("凭据不成立").wait_for()
    failed = [step.get_attribute("data-code") for step in page.locator(".proof-step.is-failed").all()]
    assert failed == ["signature", "inclusion"]
    assert page.evaluate("localStorage.getItem('jirong-trust')") is None
    assert asked == []
    page.context.set_offline(False)
