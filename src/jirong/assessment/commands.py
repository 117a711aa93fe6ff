"""``jirong models train|evaluate|compare|card``: making and judging trained methods, without a database.

DATA is ``polish`` or ``sba`` (public sets, looked for in the shared data folder or ``--data``) or a CSV file of a
lender's own history with ``--outcome`` and, where there is one, ``--period``. With a period the newest is held out:
testing is out of time unless ``--in-time`` says otherwise. The leakage alarm runs first, always; what it bars is left
out and named.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jirong.kernel.errors import Invalid
from jirong.kernel.text import Text

if TYPE_CHECKING:
    from jirong.assessment.training.leakage import Alarm
    from jirong.assessment.training.table import Table

    Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

NEEDS_DJANGO = False
KEPT = Path("var") / "models" / "polish-folds.jsonl"


def register(subparsers: Subparsers) -> None:
    """Add ``models`` and its verbs."""
    room = subparsers.add_parser("models", help="信用模型：train|evaluate|compare|card / credit models")
    verbs = room.add_subparsers(dest="verb", required=True, metavar="VERB")
    training = _verb(verbs, "train", "训练并写出方法文件 / train and write a method's document", run_train)
    training.add_argument("--kind", choices=("boosted", "scorecard"), default="boosted")
    training.add_argument("--method", required=True, metavar="NAME@VERSION")
    training.add_argument("--effective", type=dt.date.fromisoformat, required=True, metavar="DATE")
    training.add_argument("--out", type=Path, required=True, metavar="FOLDER")
    evaluating = _verb(verbs, "evaluate", "评估：不同时期样本、区间、泄漏警报 / evaluate out of time", run_evaluate)
    evaluating.add_argument("--method", type=Path, metavar="FILE", help="方法文件 / a method's document (CSV data)")
    evaluating.add_argument("--keep", type=Path, default=KEPT, metavar="FILE", help="已完成的折 / folds done so far")
    evaluating.add_argument("--repeats", type=int, default=5, help="polish: 1–5")
    comparing = _verb(verbs, "compare", "两个方法在同一批企业上比较 / two methods on the same firms", run_compare)
    comparing.add_argument("methods", nargs=2, type=Path, metavar="FILE")
    carding = _verb(verbs, "card", "输出模型卡 / print a model card", run_card)
    carding.add_argument("--method", type=Path, metavar="FILE", help="方法文件（CSV数据）/ document (CSV data)")
    carding.add_argument("--out", type=Path, metavar="FOLDER", help="另存为网站所示的文件 / keep it for the site")


def _verb(verbs: Subparsers, name: str, told: str, run: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
    parser = verbs.add_parser(name, help=told, description=told)
    parser.add_argument("source", metavar="DATA", help="polish | sba | FILE.csv")
    parser.add_argument("--data", type=Path, metavar="FOLDER", help="数据文件夹 / where the public data sets lie")
    parser.add_argument("--outcome", default="default", metavar="COLUMN", help="CSV：1为违约 / 1 is a default")
    parser.add_argument("--period", default="", metavar="COLUMN", help="CSV：年份等 / a year or the like")
    parser.add_argument("--in-time", action="store_true", help="不按时期划分 / do not hold out the newest period")
    parser.add_argument("--json", action="store_true", help="以 JSON 输出 / answer as JSON")
    parser.set_defaults(run=run)
    return parser


def run_train(arguments: argparse.Namespace) -> int:
    """Train on all but the newest period and write the document; print the alarms and where it went."""
    from jirong.assessment.training import boosting, export, polish, sba

    table, found = _clean(arguments)
    name, _, version = arguments.method.partition("@")
    if not version.isdigit():
        raise _bad("method", "方法须写成 name@版本号", "a method is written name@version")
    train, _ = _split(table, arguments)
    if arguments.source == "sba":
        # The inputs and years of the published experiment; all of them together rank worse than chance on 2004.
        train = boosting.pick(sba.NUMBERS, train)
    settings = {"polish": polish.TUNED, "sba": sba.TUNED}.get(arguments.source, boosting.UNTUNED)
    named = export.Named(name, int(version), arguments.effective, f"jirong models train {arguments.source}")
    made = export.boosted(train, settings, named) if arguments.kind == "boosted" else export.scorecard(train, named)
    arguments.out.mkdir(parents=True, exist_ok=True)
    path = arguments.out / f"{arguments.method}.json"
    path.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    _say_alarms(found)
    if train.words:
        print(f"! {', '.join(train.words)}: a document carries numbers only; words were left out")
    print(f"{path}: {train.rows:,} firms, {int(train.outcome.sum()):,} defaults, {len(made['inputs'])} inputs")
    return 0


def run_evaluate(arguments: argparse.Namespace) -> int:
    """Polish: repeated folds beside untuned LightGBM. SBA: out of time. CSV: a document on the newest period."""
    if arguments.source == "polish":
        return _evaluate_polish(arguments)
    if arguments.json:
        print(json.dumps(_report(arguments).as_dict(), ensure_ascii=False, indent=1, default=str))
        return 0
    return run_card(arguments)


def run_compare(arguments: argparse.Namespace) -> int:
    """AUC, KS and Brier of two documents on the firms held out, and the paired gain of the second."""
    from jirong.assessment.training import metrics

    table, found = _loaded(arguments)
    _, test = _split(table, arguments)
    _say_alarms(found)
    forecasts = [_forecast(path, test) for path in arguments.methods]
    for path, pd in zip(arguments.methods, forecasts, strict=True):
        ranked = metrics.bootstrap(test.outcome, metrics.auc, pd)
        print(
            f"{path.stem}: AUC {ranked}, KS {metrics.ks(test.outcome, pd):.4f}, Brier {metrics.brier(test.outcome, pd):.4f}"
        )
    gain = metrics.bootstrap_gain(test.outcome, metrics.auc, forecasts[1], forecasts[0])
    print(f"{arguments.methods[1].stem} − {arguments.methods[0].stem}: AUC {gain}")
    return 0


def run_card(arguments: argparse.Namespace) -> int:
    """Print the card as Markdown (or as the document the site shows), and write the document where it is asked for."""
    from jirong.assessment.training import card, cards

    words, found = cards.words_of(arguments.source), _report(arguments)
    name = Path(arguments.method).stem if arguments.method else Path(arguments.source).stem
    made = card.document(name, words, found, f"jirong models card {arguments.source}")
    told = json.dumps(made, ensure_ascii=False, indent=1) + "\n"
    out = getattr(arguments, "out", None)
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        (out / f"{name}.json").write_text(told, encoding="utf-8")
    print(told if arguments.json else card.card(words, found), end="")
    return 0


def _report(arguments: argparse.Namespace) -> Any:
    from jirong.assessment.training import cards, report

    if arguments.source in ("polish", "sba"):
        return cards.report_of(arguments.source, arguments.data)
    if arguments.method is None:
        raise _bad("--method", "CSV 数据须用 --method 指明方法文件", "name the document with --method for CSV data")
    table, found = _loaded(arguments)
    train, test = _split(table, arguments)
    pd, past = _forecast(arguments.method, test), _forecast(arguments.method, train)
    return report.report(train, test, pd, trained_pd=past, alarms=found)


def _evaluate_polish(arguments: argparse.Namespace) -> int:
    from jirong.assessment.training import leakage, polish, table

    data = table.polish(table.data_file(table.POLISH, arguments.data))
    found = leakage.alarms(data)
    _say_alarms(found)
    seeds = polish.SEEDS[: max(1, min(arguments.repeats, len(polish.SEEDS)))]
    run = polish.run(data, arguments.keep, progress=lambda line: print(line, flush=True), seeds=seeds)
    for name, figures in run.figures.items():
        print(f"{name}: AUC {figures.mean():.4f}, standard deviation over folds {figures.std(ddof=1):.4f}")
    for better, beside in (("tuned", "untuned"), ("tuned without X27", "untuned without X27")):
        difference, naive = run.difference(better, beside), run.naive(better, beside)
        won = f"{run.won(better, beside)} of {len(run.figures[better])} folds"
        print(f"{better} − {beside}: {difference} corrected, {naive.low:.4f} to {naive.high:.4f} plain paired t; {won}")
    return 0


def _forecast(path: Path, table: Table) -> Any:
    """A document's probabilities for every row of ``table``."""
    from jirong.assessment.training import scoring

    return scoring.forecast(path, table)


def _loaded(arguments: argparse.Namespace) -> tuple[Table, list[Alarm]]:
    from jirong.assessment.training import files, leakage, polish, table

    if arguments.source == "polish":
        found = polish.with_economics(table.polish(table.data_file(table.POLISH, arguments.data)))
    elif arguments.source == "sba":
        found = table.sba(table.data_file(table.SBA, arguments.data))
    else:
        found = files.read(Path(arguments.source), outcome=arguments.outcome, period=arguments.period)
    return found, leakage.alarms(found)


def _clean(arguments: argparse.Namespace) -> tuple[Table, list[Alarm]]:
    """The data less what the alarm bars."""
    from jirong.assessment.training import leakage

    table, found = _loaded(arguments)
    return table.without(*leakage.barred(found)), found


def _split(table: Table, arguments: argparse.Namespace) -> tuple[Table, Table]:
    """Everything before the newest period, and the newest; without periods every fifth firm is held out. The SBA file
    is cut as its card says: trained to FY 2003 from the first year it keeps whole, tested on FY 2004.
    """
    import numpy as np

    from jirong.assessment.training import sba

    if arguments.source == "sba" and table.period is not None and not arguments.in_time:
        years = (table.period >= sba.TRAIN_FROM) & (table.period <= sba.TRAIN_TO)
        return table.take(years), table.take(table.period == sba.TEST)
    if table.period is None or arguments.in_time:
        held = np.arange(table.rows) % 5 == 4
    else:
        held = table.period == table.period.max()
    return table.take(~held), table.take(held)


def _say_alarms(found: list[Alarm]) -> None:
    for alarm in found:
        print(f"! {alarm.feature} [{alarm.sign}] {alarm.said.en}")


def _bad(where: str, zh: str, en: str) -> Invalid:
    return Invalid("models.bad_request", Text(zh, en), where=where)
