"""The command line's manners: languages, refusals in one line, rooms that are not there yet."""

from __future__ import annotations

import argparse
import sys
import types

import psycopg
import pytest

from jirong.cli import language, main
from jirong.cli import main as run
from jirong.cli.main import has_module, told
from jirong.kernel.errors import Invalid
from jirong.kernel.text import Text

cli_main = sys.modules["jirong.cli.main"]

REFUSAL = Invalid(
    "thing.bad",
    Text("这个不行", "this will not do"),
    remedy=Text("请换一个", "choose another"),
    clause=Text("第一条", "clause 1"),
    where="file.csv:3",
)


@pytest.mark.parametrize(
    ("asked", "environment", "expected"),
    [
        (None, {}, "zh"),
        (None, {"LANG": "C.UTF-8"}, "zh"),
        (None, {"LANG": "POSIX"}, "zh"),
        (None, {"LANG": "zh_CN.UTF-8"}, "zh"),
        (None, {"LANG": "en_GB.UTF-8"}, "en"),
        (None, {"LANG": "de_DE"}, "en"),
        (None, {"LC_ALL": "en_US.UTF-8", "LANG": "zh_CN"}, "en"),
        (None, {"LC_ALL": "", "LANG": "en_US"}, "en"),
        ("en", {"LANG": "zh_CN.UTF-8"}, "en"),
        ("zh", {"LANG": "en_US.UTF-8"}, "zh"),
    ],
)
def test_language(asked: str | None, environment: dict[str, str], expected: str) -> None:
    assert language.chosen(asked, environment) == expected


def test_a_refusal_is_one_line_with_place_clause_and_remedy() -> None:
    assert told(REFUSAL, "zh") == "jirong: file.csv:3: 这个不行（第一条）；请换一个 [thing.bad]"
    assert told(REFUSAL, "en") == "jirong: file.csv:3: this will not do (clause 1); choose another [thing.bad]"


def with_command(monkeypatch: pytest.MonkeyPatch, act: object) -> None:
    """Let ``jirong probe`` be the only command, and ``act`` what it does."""

    def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
        subparsers.add_parser("probe").set_defaults(run=act)

    module = types.ModuleType("jirong_probe")
    module.register = register  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "jirong_probe", module)
    monkeypatch.setattr(cli_main, "MODULES", ("jirong_probe",))
    monkeypatch.setattr(cli_main, "has_module", lambda name: True)


def test_exit_statuses(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def refuse(arguments: argparse.Namespace) -> int:
        raise REFUSAL

    def interrupt(arguments: argparse.Namespace) -> int:
        raise KeyboardInterrupt

    with_command(monkeypatch, lambda arguments: 7)
    assert main(["probe"]) == 7
    with_command(monkeypatch, lambda arguments: None)
    assert main(["probe"]) == 0
    with_command(monkeypatch, refuse)
    assert main(["--lang", "en", "probe"]) == 2
    assert capsys.readouterr().err == told(REFUSAL, "en") + "\n"
    with_command(monkeypatch, interrupt)
    assert main(["probe"]) == 130


def test_a_command_learns_the_language(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    with_command(monkeypatch, lambda arguments: seen.append(arguments.lang))
    monkeypatch.setenv("LC_ALL", "en_US.UTF-8")
    main(["probe"])
    main(["--lang", "zh", "probe"])
    assert seen == ["en", "zh"]


@pytest.mark.parametrize("wrong", ["abc", "0", "99999", "８０"])
@pytest.mark.parametrize("command", ["serve", "demo"])
def test_a_port_that_is_none_is_told_and_disturbs_no_other_command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], wrong: str, command: str
) -> None:
    monkeypatch.setenv("PORT", wrong)
    with pytest.raises(SystemExit, match="2"):
        main([command])
    assert "1 to 65535" in capsys.readouterr().err
    with pytest.raises(SystemExit, match="0"):
        main(["db", "--help"])


def test_a_defect_is_not_dressed_as_a_refusal(monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(arguments: argparse.Namespace) -> int:
        raise ZeroDivisionError

    with_command(monkeypatch, break_down)
    with pytest.raises(ZeroDivisionError):
        main(["probe"])


@pytest.mark.parametrize(("tables", "status"), [(False, 2), (True, None)])
def test_a_database_without_our_tables_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tables: bool, status: int | None
) -> None:
    def ask(arguments: argparse.Namespace) -> int:
        raise psycopg.errors.UndefinedFunction("function jirong_role() does not exist")

    with_command(monkeypatch, ask)
    monkeypatch.setattr(cli_main, "_has_tables", lambda: tables)
    monkeypatch.setattr(cli_main, "database_empty", lambda: REFUSAL)
    if status is None:
        with pytest.raises(psycopg.errors.UndefinedFunction):
            main(["probe"])
    else:
        assert main(["--lang", "en", "probe"]) == status
        assert capsys.readouterr().err == told(REFUSAL, "en") + "\n"


def test_a_lost_database_is_told_however_it_is_wrapped(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def lose(arguments: argparse.Namespace) -> int:
        raise psycopg.OperationalError("server closed the connection\nunexpectedly")

    def lose_wrapped(arguments: argparse.Namespace) -> int:
        try:
            return lose(arguments)
        except psycopg.OperationalError as error:
            raise RuntimeError("wrapped") from error

    for act in (lose, lose_wrapped):
        with_command(monkeypatch, act)
        assert main(["--lang", "en", "probe"]) == 2
        error = capsys.readouterr().err
        assert "the connection to the database was lost: server closed the connection; see" in error
        assert error.count("\n") == 1


def test_rooms_not_built_yet_are_passed_over() -> None:
    assert has_module("jirong.kernel.money")
    assert not has_module("jirong.kernel.commands")
    assert not has_module("jirong.no_such_room.commands")


def test_the_tree_has_the_database_and_the_demonstration(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        run(["--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    for command in ("db", "verify", "migrate", "manage", "serve", "demo"):
        assert f"\n    {command} " in shown
