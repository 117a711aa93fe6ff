"""``jirong scheme …`` without a database: what is printed, and the exit status."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from jirong.schemes.__main__ import main
from jirong.schemes.kinds import KINDS

FOLDER = Path(__file__).parents[2] / "catalogue" / "schemes"
GOOD = str(FOLDER / "patent-loan.yaml")


@pytest.fixture
def bad(tmp_path: Path) -> str:
    path = tmp_path / "bad.yaml"
    text = Path(GOOD).read_text(encoding="utf-8").replace("share: 20%, up_to", "share: 10%, up_to")
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_check_passes_and_fails_by_exit_status(bad: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", GOOD]) == 0
    assert capsys.readouterr().out == f"{GOOD}：0处错误，0处提醒\n"
    assert main(["check", GOOD, bad]) == 1
    lines = capsys.readouterr().out.splitlines()
    line = Path(bad).read_text(encoding="utf-8").splitlines().index("  borne:") + 1
    assert lines[1] == f"{bad}:{line}:3 错误 [scheme.shares_sum] 损失分担比例合计90%，还差10%没有人承担"
    assert lines[2] == "    → 请写明剩余10%由谁承担，例如加一项 {by: treasury, share: 10%}"


def test_check_in_english_and_for_machines(bad: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--lang", "en", bad]) == 1
    assert "error [scheme.shares_sum] The loss shares sum to 90%; 10% has no name" in capsys.readouterr().out
    assert main(["check", "--json", bad]) == 1
    told = json.loads(capsys.readouterr().out)
    assert [(one["file"], [item["code"] for item in one["findings"]]) for one in told] == [(bad, ["scheme.shares_sum"])]


def test_check_quotes_the_law_of_the_day_asked_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "note.yaml"
    text = (FOLDER / "textile-chain-note.yaml").read_text(encoding="utf-8")
    path.write_text(text.replace("up_to: 6 months", "up_to: 9 months"), encoding="utf-8")
    assert main(["check", str(path)]) == 0
    assert main(["check", "--on", "2026-12-01", str(path)]) == 1
    assert "    § " in capsys.readouterr().out


def test_check_reads_standard_input(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"a: [")))
    assert main(["check", "-"]) == 1
    assert "scheme.not_yaml" in capsys.readouterr().out


def test_explain(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", GOOD]) == 0
    assert "省级科技信贷资金池承担20%，以其届时可用资金为限。" in capsys.readouterr().out
    assert main(["explain", "--lang", "en", GOOD]) == 0
    assert "The lender bears 40%." in capsys.readouterr().out
    assert main(["explain", "--json", GOOD]) == 0
    assert json.loads(capsys.readouterr().out)[0]["section"] == "scheme"


def test_explain_of_what_is_no_scheme(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "x.yaml"
    path.write_text("a: 1\n", encoding="utf-8")
    assert main(["explain", str(path)]) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "scheme.key_unknown" in printed.err


def test_diff(bad: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["diff", GOOD, bad]) == 0
    assert capsys.readouterr().out == (
        "改：省级科技信贷资金池承担20%，以其届时可用资金为限。 → 省级科技信贷资金池承担10%，以其届时可用资金为限。\n"
    )
    assert main(["diff", "--lang", "en", GOOD, GOOD]) == 0
    assert capsys.readouterr().out == "The meaning is the same\n"
    assert main(["diff", "--json", GOOD, bad]) == 0
    assert [change["path"] for change in json.loads(capsys.readouterr().out)] == ["losses/borne/pool"]


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_new_scheme_of_any_kind_passes_the_checker(kind: str, tmp_path: Path) -> None:
    path = str(tmp_path / "new.yaml")
    assert main(["new", "--kind", kind, path]) == 0
    assert main(["check", path]) == 0


def test_new_never_writes_over_a_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("mine", encoding="utf-8")
    assert main(["new", str(path)]) == 2
    assert path.read_text(encoding="utf-8") == "mine"


def test_a_file_that_cannot_be_read_is_a_refusal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(tmp_path / "none.yaml")]) == 2
    assert "file.unreadable" in capsys.readouterr().err


def test_it_runs_with_neither_django_nor_a_database() -> None:
    probe = "import sys; from jirong.schemes.__main__ import main; main(['schema']); assert 'django' not in sys.modules"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["title"] == "Jirong scheme"
