"""Names that lie outside the document: known to the registries given, explained in words, and cited."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator

from jirong.kernel.text import Text
from jirong.schemes import titles, vocabulary
from jirong.schemes.check.context import Context, Findings, error, warning
from jirong.schemes.check.forms import tests_of
from jirong.schemes.explain import Sentence, explain
from jirong.schemes.findings import Finding
from jirong.schemes.grammar import Clause
from jirong.schemes.model.amounts import Multiple, Part, leaves
from jirong.schemes.model.eligibility import EvidenceTest, FeatureTest
from jirong.schemes.model.responses import Open
from jirong.schemes.shapes import nearest

_UNCITED = ("scheme", "related", "when_missing", "vehicle", "parties")
NEAREST_MAX = 3


def known(context: Context) -> Findings:
    """Unknown features, evidence, methods and schemes; unexplained words; lines uncited."""
    yield from _features(context)
    yield from _evidence(context)
    yield from _method(context)
    yield from _schemes(context)
    yield from _uses(context)
    yield from _sources(context)


def features_used(context: Context) -> Iterator[tuple[str, Clause, str]]:
    """Every feature named, with its clause and key."""
    for test in tests_of(context.scheme):
        if isinstance(test, FeatureTest):
            yield test.feature, test, "feature"
    for leaf in leaves(context.scheme.limit) if context.scheme.limit else ():
        if isinstance(leaf, Part | Multiple):
            yield leaf.of, leaf, "of"


def _features(context: Context) -> Findings:
    registry = context.registry.features
    for name, clause, key in features_used(context):
        if registry is not None and name not in registry:
            yield _unknown("feature_unknown", Text("特征", "feature"), name, clause, key, registry)
        elif registry is None and context.names.explained(name) is None:
            yield _unexplained(name, clause, key)


def _evidence(context: Context) -> Findings:
    registry = context.registry.evidence
    for test in tests_of(context.scheme):
        if not isinstance(test, EvidenceTest):
            continue
        if registry is not None and test.evidence not in registry:
            yield _unknown("evidence_unknown", Text("证明材料", "evidence"), test.evidence, test, "evidence", registry)
        elif registry is None and context.names.explained(test.evidence) is None:
            yield _unexplained(test.evidence, test, "evidence")
    for item in context.scheme.consent:
        for kind in item.read:
            if registry is not None and kind not in registry:
                yield _unknown("evidence_unknown", Text("数据或证明材料", "evidence"), kind, item, "read", registry)


def _method(context: Context) -> Findings:
    assess, registry = context.scheme.assess, context.registry.methods
    if assess is None:
        return
    if registry is not None and assess.method not in registry:
        yield _unknown("method_unknown", Text("评估方法", "method"), assess.method, assess, "method", registry)
    elif registry is None and context.names.explained(assess.method.partition("@")[0]) is None:
        yield _unexplained(assess.method.partition("@")[0], assess, "method")


def _schemes(context: Context) -> Findings:
    """Schemes referred to exist; one that names itself does nothing by it."""
    scheme, registry = context.scheme, context.registry.schemes
    named: list[tuple[str, Clause, str]] = [(name, scheme, "related") for name in scheme.related]
    then = [item for trigger in scheme.triggers for item in trigger.then]
    named += [(item.open, item, "open") for item in then if isinstance(item, Open)]
    for name, clause, key in named:
        if name == scheme.ref:
            yield _itself(clause, key)
        elif registry is not None and name not in registry:
            yield _unknown("scheme_unknown", Text("方案", "scheme"), name, clause, key, registry)


def _itself(clause: Clause, key: str) -> Finding:
    return warning(
        "refers_to_itself",
        clause,
        key,
        Text("这里写的就是本方案，启用自己不起任何作用", "This is the scheme itself; to open it does nothing"),
        Text("请写另一个方案的“名称@版本”，或删去这一项", "Name another scheme (name@version), or take this out"),
    )


def _uses(context: Context) -> Findings:
    uses = context.scheme.uses
    for use in (*uses.allowed, *(uses.forbidden or ())) if uses else ():
        if uses and use not in vocabulary.USE and context.names.explained(use) is None:
            yield _unexplained(use, uses, "allowed")


def _sources(context: Context) -> Findings:
    """Every section says what it rests on, in a key ``source`` or a comment on its line."""
    scheme, cited = context.scheme, set(_UNCITED)
    uncited: dict[str, Sentence] = {}
    for sentence in explain(scheme):
        if sentence.cited:
            cited.add(sentence.section)
        else:
            uncited.setdefault(sentence.section, sentence)
    for section, sentence in uncited.items():
        if section not in cited:
            title = titles.field_title(section)
            yield warning(
                "source_missing",
                scheme,
                section,
                Text(
                    f"{title.zh}没有写依据（第{sentence.line}行）",
                    f"{title.en.capitalize()} cites no source (line {sentence.line})",
                ),
                Text(
                    "请加 source: …，或在行末写 # 来源：…",
                    "Add source: …, or a comment # source: … at the end of its line",
                ),
            )


def _unknown(code: str, kind: Text, name: str, clause: Clause, key: str, choices: Collection[str]) -> Finding:
    meant = _nearest(name, choices)
    remedy = Text(f"请从已有的{kind.zh}中选用", f"Choose from the {kind.en} there is")
    if meant:
        remedy = Text(
            f"是否想写{'、'.join(f'“{each}”' for each in meant)}？",
            f"Did you mean {' or '.join(f'“{each}”' for each in meant)}?",
        )
    return error(code, clause, key, Text(f"没有名为“{name}”的{kind.zh}", f"There is no {kind.en} “{name}”"), remedy)


def _nearest(name: str, choices: Collection[str]) -> list[str]:
    """At most three names that may have been meant, the likeliest first; the rest must be nearly as close."""
    first = nearest(name, choices)
    more = difflib.get_close_matches(name.lower(), list(choices), n=NEAREST_MAX, cutoff=0.7)
    return list(dict.fromkeys([*([first] if first else []), *more]))[:NEAREST_MAX]


def _unexplained(name: str, clause: Clause, key: str) -> Finding:
    return warning(
        "word_unexplained",
        clause,
        key,
        Text(f"“{name}”没有中英文解释，读者只能看到代号", f"“{name}” is not explained: readers see only the code"),
        Text(
            f"请在 words 中写明，例如 {name}: {{zh: …, en: …}}",
            f"Explain it under words, such as {name}: {{zh: …, en: …}}",
        ),
    )
