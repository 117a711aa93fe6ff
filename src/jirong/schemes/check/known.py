"""Names that lie outside the document: known to the registries given, explained in words, and cited."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from jirong.kernel.text import Text
from jirong.schemes import titles, vocabulary
from jirong.schemes.check.context import Context, Findings, error, warning
from jirong.schemes.check.forms import tests_of
from jirong.schemes.explain import Sentence, explain
from jirong.schemes.explain.phrases import listed
from jirong.schemes.findings import Finding
from jirong.schemes.grammar import Clause
from jirong.schemes.model.amounts import Multiple, Part, leaves
from jirong.schemes.model.eligibility import Assess, EvidenceTest, FeatureTest
from jirong.schemes.model.responses import Open
from jirong.schemes.shapes import nearest

_UNCITED = ("scheme", "related", "when_missing", "vehicle", "parties")
NEAREST_MAX = 3


def known(context: Context) -> Findings:
    """Unknown features, evidence, methods and schemes; unexplained words; reading without consent; lines uncited."""
    yield from _features(context)
    yield from _evidence(context)
    yield from _method(context)
    yield from _schemes(context)
    yield from _uses(context)
    yield from _consents(context)
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
    registry = context.registry.schemes
    if registry is None:
        return
    for name in context.scheme.related:
        if name not in registry:
            yield _unknown("scheme_unknown", Text("方案", "scheme"), name, context.scheme, "related", registry)
    for response in (item for trigger in context.scheme.triggers for item in trigger.then):
        if isinstance(response, Open) and response.open not in registry:
            yield _unknown("scheme_unknown", Text("方案", "scheme"), response.open, response, "open", registry)


def _uses(context: Context) -> Findings:
    uses = context.scheme.uses
    for use in (*uses.allowed, *(uses.forbidden or ())) if uses else ():
        if uses and use not in vocabulary.USE and context.names.explained(use) is None:
            yield _unexplained(use, uses, "allowed")


def _consents(context: Context) -> Findings:
    """Whatever a sentence is computed from must be covered by a consent of the firm it is about.

    Where an end is licensed, it is who decides and reads: a consent that another may read does not help it.
    """
    reader = context.kind.licensed
    consents = [item for item in context.scheme.consent if not reader or item.by == reader]
    covered = {(item.of, kind) for item in consents for kind in item.read}
    for reading in _readings(context):
        lacking = [kind for kind in dict.fromkeys(reading.kinds) if (reading.about, kind) not in covered]
        if lacking:
            tell = warning if isinstance(reading.clause, EvidenceTest) else error
            said = _no_consent(context, lacking, reading.about, reader, isinstance(reading.clause, Assess))
            yield tell("consent_missing", reading.clause, reading.key, *said)


class _Reading(NamedTuple):
    """A clause that reads the kinds of fact of the party ``about``."""

    clause: Clause
    key: str
    about: str
    kinds: tuple[str, ...]


def _readings(context: Context) -> Iterator[_Reading]:
    """Tests of eligibility and triggers, the features a limit is taken of, and the inputs of the method."""
    scheme, registry, subject = context.scheme, context.registry, context.kind.applicant
    features = registry.features or {}

    def behind(name: str) -> tuple[str, ...]:
        return features[name].sources if name in features else ()

    for test in tests_of(scheme):
        if isinstance(test, EvidenceTest):
            yield _Reading(test, "evidence", test.about or subject, (test.evidence,))
        else:
            yield _Reading(test, "feature", test.about or subject, behind(test.feature))
    for leaf in leaves(scheme.limit) if scheme.limit else ():
        if isinstance(leaf, Part | Multiple):
            yield _Reading(leaf, "of", leaf.about or subject, behind(leaf.of))
    method = (registry.methods or {}).get(scheme.assess.method) if scheme.assess else None
    if scheme.assess and method:
        kinds = tuple(kind for name in method.features for kind in behind(name))
        yield _Reading(scheme.assess, "method", subject, kinds)


def _no_consent(context: Context, kinds: Sequence[str], about: str, reader: str, assessed: bool) -> tuple[Text, Text]:
    """Reason and remedy, with every kind to add."""
    what, who = listed([context.names.evidence(kind) for kind in kinds]), context.names.party(about)
    by = context.names.party(reader) if reader else None
    reading = Text(f"读取{who.zh}的{what.zh}", f"reading {what.en} of {who.en}")
    if by:
        reading = Text(f"{by.zh}{reading.zh}", f"{reading.en} by {by.en}")
    reason = Text(f"没有授权{reading.zh}", f"No consent covers {reading.en}")
    if assessed:
        reason = Text(
            f"评估方法要用到，但没有授权{reading.zh}", f"The method needs it, and no consent covers {reading.en}"
        )
    add = f"of: {about}, by: {reader}, " if reader else f"of: {about}, "
    add += f"read: [{', '.join(kinds)}]"
    more = Text("目的和期限", "for what purpose and how long")
    if not reader:
        more = Text(f"读取方、{more.zh}", f"who reads, {more.en}")
    return reason, Text(f"请在 consent 中写明：{add}，以及{more.zh}", f"Add to consent: {add}, with {more.en}")


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
