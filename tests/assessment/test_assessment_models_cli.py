"""``jirong models``: never "out of time" where it is not, risk in its right direction, in the reader's language."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from jirong.assessment.training import extra

if not extra.available():
    pytest.skip("the extra `models` is not installed: nothing is trained here", allow_module_level=True)

from jirong.assessment import cards as shown
from jirong.assessment.directions import DIRECTIONS
from jirong.assessment.methods import parse
from jirong.assessment.methods.boosted import Boosted
from jirong.assessment.training import boosting, card, export, report
from jirong.assessment.training.table import Table
from jirong.cli.main import build_parser
from jirong.facts.features.catalogue import FEATURES
from jirong.kernel.errors import Invalid, Refusal

ENGLISH = re.compile(r"[A-Za-z]{2,}(?:[ ,:]+[a-z]{2,}){2,}")
CHINESE = re.compile(r"[一-鿿]")


def run(lang: str, *words: str) -> None:
    arguments = build_parser().parse_args(["--lang", lang, "models", *words])
    assert arguments.run(arguments) == 0


@pytest.fixture(scope="module", autouse=True)
def quick() -> Iterator[None]:
    """Ten rounds say as much here as a hundred, and fifty resamples as two thousand."""
    patched = pytest.MonkeyPatch()
    patched.setattr(boosting, "UNTUNED", boosting.Settings({"rounds": 10}))
    defaults = report.report.__kwdefaults__
    assert defaults is not None
    patched.setitem(defaults, "rounds", 50)
    yield
    patched.undo()


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five years; arrears hurt, age helps, a flag of the newest year alone equals its outcome."""
    random, rows = np.random.default_rng(8), 3000
    overdue, months = random.poisson(1.0, rows), random.integers(1, 200, rows)
    bad = (random.uniform(size=rows) < 1 / (1 + np.exp(2.2 - 0.8 * overdue + 0.01 * months))).astype(int)
    year = 2019 + np.arange(rows) * 5 // rows
    late = np.where(year == 2023, bad, 0)
    size = np.where(random.uniform(size=rows) < 0.5, "小", "大")
    lines = ["overdue_12m,registered_months,flag,noise,default,year,size"]
    lines += [
        f"{overdue[i]},{months[i]},{late[i]},{random.normal():.3f},{bad[i]},{year[i]},{size[i]}" for i in range(rows)
    ]
    path = tmp_path_factory.mktemp("history") / "loans.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def train(history: Path, name: str, *more: str, lang: str = "en") -> Path:
    period = () if "--undated" in more else ("--period", "year")
    rest = [word for word in more if word != "--undated"]
    where = history.parent
    run(
        lang, "train", str(history), *period, "--method", f"{name}@1", "--effective", "2026-01-01",
        "--out", str(where), *rest,
    )  # fmt: skip
    return where / f"{name}@1.json"


@pytest.fixture(scope="module")
def methods(history: Path) -> dict[str, Path]:
    return {
        "boosted": train(history, "boosted"),
        "scorecard": train(history, "scorecard", "--kind", "scorecard"),
        "in-time": train(history, "in-time", "--in-time"),
        "free": train(history, "free", "--no-monotone"),
        "undated": train(history, "undated", "--undated"),
    }


def test_periods_it_learnt_from_are_no_test_out_of_time(
    history: Path, methods: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """Refused by default with what to do; with ``--in-time`` it is said first, and never "out of time: trained on"."""
    data = (str(history), "--period", "year")
    for name, why in (("in-time", "2019 to 2023"), ("undated", "does not say which periods")):
        method = str(methods[name])
        for words in (
            ("card", *data, "--method", method),
            ("evaluate", *data, "--method", method),
            ("evaluate", *data, "--method", method, "--json"),
            ("compare", *data, str(methods["boosted"]), method),
            ("compare", *data, method, str(methods["boosted"])),
        ):
            with pytest.raises(Refusal) as refused:
                run("en", *words)
            assert refused.value.code == "models.in_time"
            assert why in refused.value.reason.en
            assert refused.value.remedy is not None
            assert "--in-time" in refused.value.remedy.zh
            assert capsys.readouterr().out == ""
            run("en", *words, "--in-time")
            said = capsys.readouterr().out
            assert "IN TIME" in said or json.loads(said)["in_time"]
            assert "Out of time:" not in said
    run("zh", "card", *data, "--method", str(methods["in-time"]), "--in-time")
    said = capsys.readouterr().out
    assert said.splitlines()[2].startswith("**样本内：")
    assert "跨期检验：用" not in said


def test_a_kept_card_tested_in_time_says_so_on_the_site(
    history: Path, methods: dict[str, Path], tmp_path: Path
) -> None:
    data = (str(history), "--period", "year")
    run("en", "card", *data, "--method", str(methods["in-time"]), "--in-time", "--out", str(tmp_path))
    run("en", "card", *data, "--method", str(methods["boosted"]), "--out", str(tmp_path))
    kept = {name: shown.read((tmp_path / f"{name}@1.json").read_bytes()) for name in ("in-time", "boosted")}
    assert [card.is_out_of_time for card in kept.values()] == [False, True]
    assert "in_time" in [fault.code for fault in shown.faults(kept["in-time"])]
    assert kept["in-time"].method.zh.startswith("样本内：")
    assert kept["boosted"].trained.en.endswith("2019 to 2022")
    assert [item.feature for item in kept["boosted"].monotone] == ["overdue_12m", "registered_months"]


def test_a_card_says_what_its_document_learnt_from(history: Path, methods: dict[str, Path]) -> None:
    """Not what the file at hand happens to hold before the period tested."""
    held = json.loads(methods["boosted"].read_text(encoding="utf-8"))
    held["trained"] |= {"firms": 77, "defaults": 9, "periods": [2015, 2016]}
    other = methods["boosted"].with_name("other@1.json")
    other.write_text(json.dumps(held), encoding="utf-8")
    run("en", "card", str(history), "--period", "year", "--method", str(other), "--out", str(history.parent / "out"))
    kept = shown.read((history.parent / "out" / "other@1.json").read_bytes())
    assert kept.trained.en == "77 firms, 9 of them defaulted, 2015 to 2016"


def test_the_alarm_does_not_read_the_year_held_out(
    history: Path, methods: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """``flag`` leaks in 2023 alone: train and compare cannot know; the card, which judges, bars the model for it."""
    train(history, "again")
    run("en", "compare", str(history), "--period", "year", str(methods["boosted"]), str(methods["scorecard"]))
    assert "flag" not in capsys.readouterr().out
    run("en", "card", str(history), "--period", "year", "--method", str(methods["boosted"]))
    assert "It uses inputs that look leaked: flag" in capsys.readouterr().out


def test_one_period_cannot_be_held_out(history: Path, tmp_path: Path) -> None:
    lines = history.read_text(encoding="utf-8").splitlines()
    only = tmp_path / "one.csv"
    only.write_text("\n".join([lines[0], *(line for line in lines if ",2020," in line)]), encoding="utf-8")
    with pytest.raises(Invalid, match=r"models\.bad_request"):
        train(only, "one")


def test_every_direction_is_of_a_feature_and_has_its_reason() -> None:
    assert {code for code in DIRECTIONS if code not in FEATURES} == set()
    assert {FEATURES[code].kind for code in DIRECTIONS} <= {"number", "money", "percent", "flag"}
    for code, item in DIRECTIONS.items():
        assert item.feature == code
        assert item.direction in (1, -1)
        assert CHINESE.search(item.reason.zh)
        assert not CHINESE.search(item.reason.en)


def test_known_features_are_held_to_their_direction_unless_told_otherwise(
    history: Path, methods: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    def held(path: Path) -> dict[str, int]:
        method = parse.read(path.name, path.read_text(encoding="utf-8"))
        assert isinstance(method, Boosted)
        return {item.feature: item.direction for item in method.monotone}

    assert held(methods["boosted"]) == {"overdue_12m": 1, "registered_months": -1}
    assert held(methods["free"]) == {}
    assert "[monotone_constraints: 1,-1,0,0]" in methods["boosted"].read_text(encoding="utf-8")
    capsys.readouterr()
    made = train(history, "asked", "--monotone", "noise=+1,registered_months=0")
    assert held(made) == {"overdue_12m": 1, "noise": 1}
    assert "monotone: noise, more is riskier: asked for by whoever trained it" in capsys.readouterr().out
    reason = json.loads(made.read_text(encoding="utf-8"))["monotone"][0]["reason"]
    assert reason == DIRECTIONS["overdue_12m"].reason.as_dict()
    for wrong in ("nobody=+1", "noise=2", "noise", "=1"):
        with pytest.raises(Invalid, match=r"models\.bad_request"):
            train(history, "wrong", "--monotone", wrong)
    for words in (("--kind", "scorecard", "--monotone", "noise=+1"), ("--no-monotone", "--monotone", "noise=+1")):
        with pytest.raises(Invalid, match=r"models\.bad_request"):
            train(history, "wrong", *words)


def test_a_held_model_never_turns_round(methods: dict[str, Path]) -> None:
    """Along every input of the table, everything else equal, the forecast goes one way."""
    path = methods["boosted"]
    method = parse.read(path.name, path.read_text(encoding="utf-8"))
    assert isinstance(method, Boosted)
    for place, item in enumerate(method.monotone):
        matrix = np.tile(np.array([1.0, 60.0, 0.0, 0.0]), (200, 1))
        matrix[:, place] = np.linspace(0, 200, 200)
        forecast = [float(pd) for pd, _ in method._scored(matrix)]
        assert (np.diff(forecast) * item.direction >= -1e-9).all()


@pytest.mark.parametrize("change", [{"direction": 2}, {"feature": "nobody"}, {"because": 1}])
def test_a_direction_that_cannot_be_is_refused_by_place(methods: dict[str, Path], change: dict[str, object]) -> None:
    document = json.loads(methods["boosted"].read_text(encoding="utf-8"))
    document["monotone"][0] |= change
    with pytest.raises(Invalid) as refused:
        parse.read("boosted@1.json", json.dumps(document))
    assert "monotone/1" in (refused.value.where or "")


def test_everything_is_said_in_the_readers_language(
    history: Path, methods: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """Chinese holds no English sentence, English no Chinese letter, and both the same figures."""
    data, both = (str(history), "--period", "year"), (str(methods["boosted"]), str(methods["scorecard"]))
    said = {}
    for lang in ("zh", "en"):
        capsys.readouterr()
        train(history, f"told-{lang}", "--in-time", lang=lang)
        run(lang, "card", *data, "--method", both[0])
        run(lang, "evaluate", *data, "--method", both[1])
        run(lang, "compare", *data, *both)
        said[lang] = capsys.readouterr().out
    english = said["en"].replace("小", "small").replace("大", "large")
    assert [line for line in said["zh"].splitlines() if ENGLISH.search(line)] == []
    assert [line for line in english.splitlines() if CHINESE.search(line)] == []
    assert "scorecard@1 − boosted@1：AUC 之差" in said["zh"]
    assert "【单项能力过高】" in said["zh"]
    for heading in ("先看这些", "泄漏警报", "排序能力", "校准", "单调约束", "训练与检验之间的漂移", "公平性", "局限"):
        assert f"### {heading}" in said["zh"]
    rows = [[re.findall(r"\d+\.\d+", line) for line in said[lang].splitlines() if line[:1] == "|"] for lang in said]
    assert rows[0] == rows[1]


def test_a_method_file_beside_a_public_set_is_refused(methods: dict[str, Path]) -> None:
    with pytest.raises(Invalid, match=r"models\.bad_request"):
        run("en", "card", "sba", "--method", str(methods["boosted"]))


def test_findings_that_the_figures_alone_show(history: Path, methods: dict[str, Path], tmp_path: Path) -> None:
    """A ranking too good to be true and a handful of defaults are said at the top."""
    run("en", "card", str(history), "--period", "year", "--method", str(methods["boosted"]), "--out", str(tmp_path))
    body = json.loads((tmp_path / "boosted@1.json").read_bytes())
    plain = [fault.code for fault in shown.faults(shown.read(json.dumps(body).encode()))]
    assert not {"too_good", "few_defaults"} & set(plain)
    body["report"]["auc"]["value"] = 0.97
    body["report"]["trained"]["defaults"] = 3
    told = {fault.code: fault.bars for fault in shown.faults(shown.read(json.dumps(body).encode()))}
    assert told["few_defaults"]
    assert not told["too_good"]


def test_a_scorecard_document_names_no_directions() -> None:
    random = np.random.default_rng(1)
    outcome = (random.uniform(size=400) < 0.2).astype(np.int64)
    data = Table("made", ("x",), (outcome + random.normal(size=400))[:, None], outcome)
    assert "monotone" not in export.scorecard(data, export.Named("s", 1, dt.date(2026, 1, 1), "test"))
    assert card.IN_TIME.zh.startswith("样本内")
