"""``jirong scheme check|explain|diff|new|schema``: the scheme language from the command line, without a database.

Exit status 0 when nothing bars, 1 when a scheme has errors; a file that cannot be read is a refusal.
"""

from __future__ import annotations

import argparse
import dataclasses
import datetime as dt
import json
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from jirong.kernel import rates, rules
from jirong.kernel.errors import Conflict, Invalid
from jirong.kernel.text import Text
from jirong.schemes import check, diff, explain, findings, new, parse, schema
from jirong.schemes.findings import Finding, Severity
from jirong.schemes.kinds import KINDS
from jirong.schemes.model.scheme import Scheme
from jirong.schemes.registry import NOTHING_KNOWN, Registry

NEEDS_DJANGO = False

_MARKS = {Severity.ERROR: Text("错误", "error"), Severity.WARNING: Text("提醒", "warning")}


Names = Callable[[], Registry]
"""What a scheme may name; asked for only when something is checked."""


def nothing_known() -> Registry:
    return NOTHING_KNOWN


def register(subparsers: argparse._SubParsersAction[argparse.ArgumentParser], registry: Names = nothing_known) -> None:
    """Add ``scheme`` and its sub-commands; ``registry`` gives the names a scheme is checked against."""
    title = "融资方案：check|explain|diff|new|schema / financing schemes"
    add_actions(subparsers.add_parser("scheme", help=title, description=title), registry)


def add_actions(room: argparse.ArgumentParser, registry: Names = nothing_known) -> None:
    """Give ``room`` the sub-commands."""
    actions = room.add_subparsers(dest="scheme_action", required=True, metavar="ACTION")
    checking = _add(actions, "check", "检查方案，逐行列出问题 / check schemes, line by line", run_check)
    checking.add_argument("files", nargs="+", metavar="FILE", help="“-”为标准输入 / - for standard input")
    checking.add_argument(
        "--on", type=dt.date.fromisoformat, metavar="DATE", help="按哪天的法规，缺省为生效日 / the law of which day"
    )
    checking.set_defaults(registry=registry)
    explaining = _add(actions, "explain", "把方案说成句子 / say a scheme in sentences", run_explain)
    explaining.add_argument("file", metavar="FILE")
    comparing = _add(actions, "diff", "两个方案含义上的差别 / what changed in meaning", run_diff)
    comparing.add_argument("before", metavar="FILE")
    comparing.add_argument("after", metavar="FILE")
    making = _add(actions, "new", "写出一个模板 / write a template", run_new)
    making.add_argument("file", metavar="FILE", help="“-”为标准输出 / - for standard output")
    making.add_argument("--kind", choices=sorted(KINDS), default="loan", help="合同类型 / kind of contract")
    _add(actions, "schema", "输出方案语言的 JSON Schema / print the language's JSON Schema", run_schema)


def _add(
    actions: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    help_text: str,
    run: Callable[[argparse.Namespace], int],
) -> argparse.ArgumentParser:
    parser = actions.add_parser(name, help=help_text, description=help_text)
    parser.add_argument("--json", action="store_true", help="以 JSON 输出 / answer as JSON")
    # SUPPRESS: a language chosen before the command's name stays chosen.
    parser.add_argument("--lang", choices=("zh", "en"), default=argparse.SUPPRESS, help="语言 / language")
    parser.set_defaults(run=run)
    return parser


def run_check(arguments: argparse.Namespace) -> int:
    """1 when any file has an error."""
    book, lpr, language = rules.house_rulebook(), rates.lpr_history(), _language(arguments)
    failed, told, texts = False, [], {name: _read(name) for name in arguments.files}
    names = _with(arguments.registry(), texts.values())
    for name, text in texts.items():
        found = check.examine(text, book, lpr=lpr, registry=names, on=arguments.on).findings
        failed = failed or bool(findings.errors(found))
        told.append({"file": name, "findings": [item.as_dict() for item in found]})
        if not arguments.json:
            _print_findings(name, found, language)
    if arguments.json:
        _print_json(told)
    return 1 if failed else 0


def _with(names: Registry, texts: Iterable[bytes]) -> Registry:
    """The names known, and the schemes checked together: they may refer to each other."""
    if names.schemes is None:
        return names
    drafts = [draft for text in texts if (draft := parse.read(text).draft)]
    return dataclasses.replace(names, schemes={*names.schemes, *(draft.ref for draft in drafts)})


def run_explain(arguments: argparse.Namespace) -> int:
    """Sentences with their lines; 1 when the file cannot be read as a scheme."""
    scheme = _scheme(arguments.file, _language(arguments))
    if scheme is None:
        return 1
    sentences = explain.explain(scheme)
    if arguments.json:
        _print_json([sentence.as_dict() for sentence in sentences])
        return 0
    for sentence in sentences:
        print(f"{sentence.line:>4}  {sentence.text.in_language(_language(arguments))}")
    return 0


def run_diff(arguments: argparse.Namespace) -> int:
    """Changes of meaning, one a line; 1 when either file cannot be read as a scheme."""
    language = _language(arguments)
    before, after = _scheme(arguments.before, language), _scheme(arguments.after, language)
    if before is None or after is None:
        return 1
    changes = diff.diff(before, after)
    if arguments.json:
        _print_json([change.as_dict() for change in changes])
        return 0
    for change in changes:
        print(change.text.in_language(language))
    if not changes:
        print(Text("含义相同", "The meaning is the same").in_language(language))
    return 0


def run_new(arguments: argparse.Namespace) -> int:
    """Write a template; a file that is there already stays."""
    text = new.template(arguments.kind)
    if arguments.file == "-":
        print(text, end="")
        return 0
    try:
        with Path(arguments.file).open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise Conflict(
            "file.exists",
            Text("文件已存在，未作改动", "The file is there already and was left as it is"),
            remedy=Text("请换一个文件名", "Choose another name"),
            where=arguments.file,
        ) from None
    except OSError as broken:
        raise _unreadable(arguments.file, broken) from None
    print(Text("已写入 {it}", "Written to {it}").format(it=arguments.file).in_language(_language(arguments)))
    return 0


def run_schema(arguments: argparse.Namespace) -> int:
    """The published JSON Schema."""
    print(schema.text(), end="")
    return 0


def _language(arguments: argparse.Namespace) -> str:
    return getattr(arguments, "lang", None) or "zh"


def _read(name: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as broken:
        raise _unreadable(name, broken) from None


def _unreadable(name: str, broken: OSError) -> Invalid:
    return Invalid(
        "file.unreadable",
        Text(f"无法读写文件：{broken.strerror}", f"The file cannot be read or written: {broken.strerror}"),
        remedy=Text("请检查路径和权限", "Check the path and its permissions"),
        where=name,
    )


def _scheme(name: str, language: str) -> Scheme | None:
    """The scheme, or None after printing on standard error why not."""
    reading = parse.read(_read(name))
    if reading.scheme is None:
        _print_findings(name, reading.findings, language, file=sys.stderr)
    return reading.scheme


def _print_findings(name: str, found: Iterable[Finding], language: str, file: Any = None) -> None:
    found = list(found)
    for item in found:
        mark = _MARKS[item.severity].in_language(language)
        print(f"{name}:{item.mark} {mark} [{item.code}] {item.reason.in_language(language)}", file=file)
        print(f"    → {item.remedy.in_language(language)}", file=file)
        if item.clause:
            print(f"    § {item.clause.in_language(language)}", file=file)
    bars, warns = len(findings.errors(found)), len(found) - len(findings.errors(found))
    total = Text(f"{name}：{bars}处错误，{warns}处提醒", f"{name}: {bars} error(s), {warns} warning(s)")
    print(total.in_language(language), file=file)


def _print_json(value: Any) -> None:
    print(json.dumps(value, ensure_ascii=False, indent=2))
