"""``jirong models train|evaluate|compare|card``: making and judging trained methods, without a database.

DATA is ``polish`` or ``sba`` (public sets, looked for in the shared data folder or ``--data``) or a CSV file of a
lender's own history with ``--outcome`` and, where there is one, ``--period``. With a period the newest is held out:
testing is out of time unless ``--in-time`` says otherwise, and then every answer says IN TIME. The leakage alarm runs
first, always; what it bars is left out and named. Everything is said in the reader's language.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jirong.assessment.directions import ASKED, DIRECTIONS, Direction
from jirong.kernel.errors import Invalid
from jirong.kernel.text import Text

if TYPE_CHECKING:
    from jirong.assessment.training.leakage import Alarm
    from jirong.assessment.training.metrics import Interval
    from jirong.assessment.training.polish import Run as PolishRun
    from jirong.assessment.training.report import Report
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
    training.add_argument(
        "--monotone",
        default="",
        metavar="NAME=+1,…",
        help="越高越险为+1，越高越稳为-1，不约束为0 / +1 riskier, -1 safer",
    )
    training.add_argument("--no-monotone", action="store_true", help="不设单调约束 / no monotone constraints")
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
    from jirong.assessment.training import boosting, export, leakage, polish, sba

    name, _, version = arguments.method.partition("@")
    if not version.isdigit():
        raise _bad("method", "方法须写成 name@版本号", "a method is written name@version")
    train, _ = _split(_load(arguments), arguments)
    # The alarm looks at what is trained on, never at the period held out.
    found = leakage.alarms(train)
    train = train.without(*leakage.barred(found))
    if arguments.source == "sba":
        # The inputs and years of the published experiment; all of them together rank worse than chance on 2004.
        train = boosting.pick(sba.NUMBERS, train)
    settings = {"polish": polish.TUNED, "sba": sba.TUNED}.get(arguments.source, boosting.UNTUNED)
    named = export.Named(name, int(version), arguments.effective, f"jirong models train {arguments.source}")
    held = _held(arguments, train)
    made = export.scorecard(train, named) if arguments.kind == "scorecard" else None
    made = made or export.boosted(train, settings, named, held)
    arguments.out.mkdir(parents=True, exist_ok=True)
    path = arguments.out / f"{arguments.method}.json"
    path.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    _say_alarms(found, arguments)
    _say_trained(arguments, path, train, made, held)
    return 0


def _say_trained(
    arguments: argparse.Namespace, path: Path, train: Table, made: dict[str, Any], held: Sequence[Direction]
) -> None:
    from jirong.assessment.training import card

    if arguments.in_time:
        _say(card.IN_TIME, arguments)
    if train.words:
        words = ", ".join(train.words)
        _say(
            Text(
                f"! {words}：方法文件只收数值，文字列未采用",
                f"! {words}: a document carries numbers only; words were left out",
            ),
            arguments,
        )
    for item in held:
        said = Text(
            f"单调：{item.feature}{item.said.zh}：{item.reason.zh}",
            f"monotone: {item.feature}, {item.said.en}: {item.reason.en}",
        )
        _say(said, arguments)
    bad, inputs = int(train.outcome.sum()), len(made["inputs"])
    _say(
        Text(
            f"{path}：{train.rows:,}家企业，其中{bad:,}家违约，{inputs}项输入",
            f"{path}: {train.rows:,} firms, {bad:,} defaults, {inputs} inputs",
        ),
        arguments,
    )


def _held(arguments: argparse.Namespace, train: Table) -> list[Direction]:
    """The directions a boosted model is held to: those known of its inputs, changed as was asked."""
    from jirong.assessment.training import sba

    asked = _asked(arguments.monotone)
    if arguments.kind == "scorecard":
        if asked:
            raise _bad("--monotone", "单调约束只用于 boosted", "monotone constraints are for boosted models")
        return []
    unknown = sorted(set(asked) - set(train.features))
    if unknown:
        raise _bad("--monotone", f"没有这一项输入：{unknown[0]}", f"there is no input {unknown[0]}")
    if arguments.no_monotone:
        if asked:
            raise _bad("--no-monotone", "不能与 --monotone 同用", "it cannot go with --monotone")
        return []
    known = {item.feature: item for item in sba.HELD} if arguments.source == "sba" else dict(DIRECTIONS)
    known |= {name: Direction(name, sign, ASKED) for name, sign in asked.items()}
    return [known[name] for name in train.features if name in known and known[name].direction]


def _asked(text: str) -> dict[str, int]:
    """``name=+1,other=-1`` as signs by name; ``=0`` lets a known one go free."""
    asked = {}
    for part in filter(None, (item.strip() for item in text.split(","))):
        name, _, sign = part.rpartition("=")
        if not name or sign not in ("+1", "1", "-1", "0"):
            raise _bad("--monotone", f"“{part}”须写成 名称=+1、=-1 或 =0", f"“{part}” is not name=+1, =-1 or =0")
        asked[name] = int(sign)
    return asked


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
    from jirong.assessment.training import card, leakage, metrics, scoring

    train, test = _split(_load(arguments), arguments)
    judged = [scoring.read(path) for path in arguments.methods]
    if arguments.in_time:
        _say(card.IN_TIME, arguments)
    else:
        for one in judged:
            one.require_later(test)
    # Of the firms held out it reads nothing but how they were ranked.
    _say_alarms(leakage.alarms(train), arguments)
    forecasts = [one.forecast(test) for one in judged]
    names = [path.stem for path in arguments.methods]
    for name, pd in zip(names, forecasts, strict=True):
        ranked = _interval(metrics.bootstrap(test.outcome, metrics.auc, pd))
        rest = f"KS {metrics.ks(test.outcome, pd):.4f}", f"Brier {metrics.brier(test.outcome, pd):.4f}"
        _say(
            Text(f"{name}：AUC {ranked.zh}，{rest[0]}，{rest[1]}", f"{name}: AUC {ranked.en}, {rest[0]}, {rest[1]}"),
            arguments,
        )
    gain = _interval(metrics.bootstrap_gain(test.outcome, metrics.auc, forecasts[1], forecasts[0]))
    _say(
        Text(f"{names[1]} − {names[0]}：AUC 之差 {gain.zh}", f"{names[1]} − {names[0]}: AUC difference {gain.en}"),
        arguments,
    )
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
    print(told if arguments.json else card.card(words, found, _reader(arguments)), end="")
    return 0


def _report(arguments: argparse.Namespace) -> Report:
    """What is said of a public experiment, or of a document on a lender's own history."""
    from jirong.assessment.training import cards, leakage, report, scoring

    if arguments.source in ("polish", "sba"):
        if arguments.method is not None:
            raise _bad(
                "--method",
                "公开数据的模型卡说的是其自身的试验；方法文件请用 compare 比较",
                "the card of a public data set is of its own experiment; set documents side by side with compare",
            )
        return cards.report_of(arguments.source, arguments.data)
    if arguments.method is None:
        raise _bad("--method", "CSV 数据须用 --method 指明方法文件", "name the document with --method for CSV data")
    table, judged = _load(arguments), scoring.read(arguments.method)
    train, test = _split(table, arguments)
    if not arguments.in_time:
        judged.require_later(test)
    return report.report(
        train, test, judged.forecast(test), trained_pd=judged.forecast(train), alarms=leakage.alarms(table),
        trained=judged.trained, monotone=judged.monotone, inputs=judged.method.features,
        in_time=arguments.in_time and table.period is not None,
    )  # fmt: skip


def _evaluate_polish(arguments: argparse.Namespace) -> int:
    from jirong.assessment.training import leakage, polish, table

    data = table.polish(table.data_file(table.POLISH, arguments.data))
    _say_alarms(leakage.alarms(data), arguments)
    seeds = polish.SEEDS[: max(1, min(arguments.repeats, len(polish.SEEDS)))]
    run = polish.run(data, arguments.keep, progress=lambda line: _say(line, arguments), seeds=seeds)
    for name, figures in run.figures.items():
        title, mean, spread = polish.TITLES[name], f"{figures.mean():.4f}", f"{figures.std(ddof=1):.4f}"
        _say(
            Text(
                f"{title.zh}：AUC {mean}，各折标准差 {spread}",
                f"{title.en}: AUC {mean}, standard deviation over folds {spread}",
            ),
            arguments,
        )
    for better, beside in (("tuned", "untuned"), ("tuned without X27", "untuned without X27")):
        _say(_difference(run, better, beside), arguments)
    return 0


def _difference(run: PolishRun, better: str, beside: str) -> Text:
    """The paired gain with both intervals, and how many folds were won."""
    from jirong.assessment.training import polish

    corrected, naive = _interval(run.difference(better, beside)), run.naive(better, beside)
    won, folds = run.won(better, beside), len(run.figures[better])
    one, two = polish.TITLES[better], polish.TITLES[beside]
    return Text(
        f"{one.zh} − {two.zh}：{corrected.zh}（修正区间），普通配对 t 区间 {naive.low:.4f} 至 {naive.high:.4f}；"
        f"{folds}折中胜{won}折",
        f"{one.en} − {two.en}: {corrected.en} corrected, {naive.low:.4f} to {naive.high:.4f} plain paired t; "
        f"{won} of {folds} folds",
    )


def _interval(found: Interval) -> Text:
    return Text(f"{found.value:.4f}（{found.low:.4f} 至 {found.high:.4f}）", str(found))


def _load(arguments: argparse.Namespace) -> Table:
    from jirong.assessment.training import files, polish, table

    if arguments.source == "polish":
        return polish.with_economics(table.polish(table.data_file(table.POLISH, arguments.data)))
    if arguments.source == "sba":
        return table.sba(table.data_file(table.SBA, arguments.data))
    return files.read(Path(arguments.source), outcome=arguments.outcome, period=arguments.period)


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
        if held.all():
            raise _bad(
                "--period",
                "只有一个时期，无法留出最新一期；要在同一时期内划分请加 --in-time",
                "there is only one period, so none can be held out; say --in-time to split within it",
            )
    return table.take(~held), table.take(held)


def _say_alarms(found: list[Alarm], arguments: argparse.Namespace) -> None:
    from jirong.assessment.training import card

    for alarm in found:
        sign = card.sign(alarm.sign)
        _say(
            Text(f"! {alarm.feature}【{sign.zh}】{alarm.said.zh}", f"! {alarm.feature} [{sign.en}] {alarm.said.en}"),
            arguments,
        )


def _reader(arguments: argparse.Namespace) -> str:
    return arguments.lang or "zh"


def _say(text: Text, arguments: argparse.Namespace) -> None:
    print(text.in_language(_reader(arguments)), flush=True)


def _bad(where: str, zh: str, en: str) -> Invalid:
    return Invalid(
        "models.bad_request",
        Text(zh, en),
        remedy=Text("用法见 jirong models --help", "See jirong models --help"),
        where=where,
    )
