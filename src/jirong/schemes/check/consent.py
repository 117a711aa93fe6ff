"""Whatever a sentence is computed from must be covered by a consent of the firm it is about, for that very purpose.

Where an end is licensed, it is who decides and reads: a consent that another may read does not help it. Nor does a
consent for another purpose: one to measure an effect decides no credit (:mod:`jirong.schemes.purposes`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from jirong.kernel.text import Text
from jirong.schemes import purposes, vocabulary
from jirong.schemes.check.context import Context, Findings, error, warning
from jirong.schemes.explain.phrases import listed
from jirong.schemes.grammar import Clause
from jirong.schemes.model.amounts import Multiple, Part, leaves
from jirong.schemes.model.eligibility import AnyOf, Assess, EvidenceTest, FeatureTest
from jirong.schemes.shapes import Span

YEARS_MOST = 5
"""A consent that lasts longer than this and than the contract by more than a year asks for more than it needs."""


def consents(context: Context) -> Findings:
    """Reading without consent, reading for another purpose than was consented to, consents without end."""
    reader = context.kind.licensed
    found = [item for item in context.scheme.consent if not reader or item.by == reader]
    covered = {(item.of, kind, item.purpose) for item in found for kind in item.read}
    known = {(of, kind) for of, kind, _ in covered}
    for reading in _readings(context):
        tell = warning if isinstance(reading.clause, EvidenceTest) else error
        kinds = list(dict.fromkeys(reading.kinds))
        lacking = [kind for kind in kinds if (reading.about, kind) not in known]
        if lacking:
            yield tell("consent_missing", reading.clause, reading.key, *_no_consent(context, reading, lacking, reader))
        amiss = [
            kind
            for kind in kinds
            if kind not in lacking and not any((reading.about, kind, name) in covered for name in reading.purposes)
        ]
        if amiss:
            had = sorted({name for of, kind, name in covered if of == reading.about and kind in amiss})
            said = _other_purpose(context, reading, amiss, had)
            yield tell("consent_purpose", reading.clause, reading.key, *said)
    yield from _endless(context)


class _Reading(NamedTuple):
    """A clause that reads the kinds of fact of the party ``about``, for one of ``purposes``."""

    clause: Clause
    key: str
    about: str
    kinds: tuple[str, ...]
    purposes: tuple[str, ...]


def _readings(context: Context) -> Iterator[_Reading]:
    """Tests of eligibility and triggers, the features a limit is taken of, and the inputs of the method."""
    scheme, registry, subject = context.scheme, context.registry, context.kind.applicant
    deciding, watching = purposes.deciding(scheme), purposes.watching(scheme)
    watched = [test for trigger in scheme.triggers for test in trigger.when]
    for use, tests in ((deciding, scheme.eligible), (watching, watched)):
        for test in _flat(tests):
            about = test.about or subject
            if isinstance(test, EvidenceTest):
                yield _Reading(test, "evidence", about, (test.evidence,), use)
            else:
                yield _Reading(test, "feature", about, _behind(context, test.feature), use)
    for leaf in leaves(scheme.limit) if scheme.limit else ():
        if isinstance(leaf, Part | Multiple):
            yield _Reading(leaf, "of", leaf.about or subject, _behind(context, leaf.of), deciding)
    method = (registry.methods or {}).get(scheme.assess.method) if scheme.assess else None
    if scheme.assess and method:
        kinds = tuple(kind for name in method.features for kind in _behind(context, name))
        yield _Reading(scheme.assess, "method", subject, kinds, deciding)


def _flat(tests: Sequence[FeatureTest | EvidenceTest | AnyOf]) -> Iterator[FeatureTest | EvidenceTest]:
    for test in tests:
        yield from test.any_of if isinstance(test, AnyOf) else (test,)


def _behind(context: Context, name: str) -> tuple[str, ...]:
    """The kinds of fact a feature is computed from; none where everybody may read them."""
    features = context.registry.features or {}
    return features[name].sources if name in features else ()


def _no_consent(context: Context, found: _Reading, kinds: Sequence[str], reader: str) -> tuple[Text, Text]:
    """Reason and remedy, with every kind to add and the purpose."""
    what, who = listed([context.names.evidence(kind) for kind in kinds]), context.names.party(found.about)
    by = context.names.party(reader) if reader else None
    reading = Text(f"读取{who.zh}的{what.zh}", f"reading {what.en} of {who.en}")
    if by:
        reading = Text(f"{by.zh}{reading.zh}", f"{reading.en} by {by.en}")
    reason = Text(f"没有授权{reading.zh}", f"No consent covers {reading.en}")
    if isinstance(found.clause, Assess):
        reason = Text(
            f"评估方法要用到，但没有授权{reading.zh}", f"The method needs it, and no consent covers {reading.en}"
        )
    add = f"of: {found.about}, by: {reader}, " if reader else f"of: {found.about}, "
    add += f"read: [{', '.join(kinds)}], purpose: {found.purposes[0]}"
    more = Text("期限", "how long")
    if not reader:
        more = Text(f"读取方和{more.zh}", f"who reads and {more.en}")
    return reason, Text(f"请在 consent 中写明：{add}，以及{more.zh}", f"Add to consent: {add}, with {more.en}")


def _other_purpose(context: Context, found: _Reading, kinds: Sequence[str], had: Sequence[str]) -> tuple[Text, Text]:
    """Reason and remedy: what was consented to for which purpose, and which purpose this needs."""
    what = listed([context.names.evidence(kind) for kind in kinds])
    has = listed([vocabulary.PURPOSE[name] for name in had])
    needs, word = vocabulary.PURPOSE[found.purposes[0]], found.purposes[0]
    reason = Text(
        f"{what.zh}只授权用于{has.zh}，不能用于{needs.zh}",
        f"Consent to read {what.en} is for {has.en}, not for {needs.en}",
    )
    remedy = Text(
        f"请在 consent 中另写一条：read: [{', '.join(kinds)}], purpose: {word}（{needs.zh}）",
        f"Add a consent with read: [{', '.join(kinds)}], purpose: {word}",
    )
    return reason, remedy


def _endless(context: Context) -> Findings:
    """Personal and business data are read for no longer than the purpose needs (个人信息保护法 19)."""
    tenor = getattr(context.scheme.instrument, "tenor", None)
    longest = max(Span(YEARS_MOST, "year").days_at_most, (tenor.longest.days_at_most if tenor else 0) + 366)
    for item in context.scheme.consent:
        if item.lasts.days_at_most > longest:
            yield warning(
                "consent_endless",
                item,
                "lasts",
                Text(
                    "授权期限远长于合同期限；资料只能在实现目的所必要的最短时间内使用（个人信息保护法第19条）",
                    "The consent outlasts the contract by far; data are kept no longer than the purpose needs "
                    "(Personal Information Protection Law, art. 19)",
                ),
                Text("请写与合同期限相当的时间，例如 12 months", "Write about the contract's tenor, such as 12 months"),
            )
