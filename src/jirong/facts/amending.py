"""Pages that amend what was stated: a source corrects its own, a side disputes another's, a source answers."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from jirong.facts import disputes, doubt, kinds, queries
from jirong.facts.kinds.fields import Choice
from jirong.facts.models import Dispute, Fact
from jirong.kernel.errors import Forbidden
from jirong.kernel.text import Text
from jirong.parties import acting, guard, labels
from jirong.web import display, parts, tables
from jirong.web.api import actor_of

OUTCOMES = {
    "corrected": Text("来源已更正", "The source corrected it"),
    "upheld": Text("来源维持原数据", "The source upholds it"),
    "withdrawn": Text("已撤回", "Taken back"),
}


class DisputeTable(tables.Table):
    """Disputes the party raised, and those it has to answer."""

    name, title = "disputes", _("数据异议")
    columns = (
        tables.Column("fact", _("数据"), primary=True, value=lambda row: row.fact.key, link=lambda row: reverse("document", args=[row.fact_id])),
        tables.Column("kind", _("类型"), value=lambda row: kinds.KINDS[row.fact.kind].title),
        tables.Column("by", _("异议方"), value=lambda row: labels.name_of(row.by)),
        tables.Column("source", _("提交方"), value=lambda row: labels.name_of(row.fact.source)),
        tables.Column("reason", _("理由"), value=lambda row: row.reason, optional=True),
        tables.Column("state", _("状态"), value=lambda row: state(row).state),
        tables.Column("at", _("时间"), kind="moment", value=lambda row: row.recorded_at, sort="recorded_at"),
    )  # fmt: skip
    order = ("-recorded_at", "-id")
    empty = _("没有异议。对别人提交的、与本单位有关的数据，可在该数据的页面提出异议。")


class Reason(forms.Form):
    reason = forms.CharField(label=_("理由"), max_length=disputes.REASON_MAX, widget=forms.Textarea(attrs={"rows": 3}))


def state(row: Dispute) -> parts.Status:
    """How a dispute stands, in a sentence."""
    answer = getattr(row, "answer", None)
    if answer is None:
        return parts.Status(
            Text("待来源答复", "Waiting for the source"), Text("期间不据此作决定", "nothing is decided on it"), "wait"
        )
    return parts.Status(OUTCOMES[answer.outcome], answer.reason, "good" if answer.outcome == "corrected" else "plain")


@guard.acting()
def dispute_list(request: HttpRequest) -> HttpResponseBase:
    return tables.respond(request, "facts/disputes.html", DisputeTable(request, disputes.involving(actor_of(request))))


@guard.acting()
def correct(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """A source puts right what it stated: a new row that names the old one."""
    fact = queries.access_fact(actor_of(request), id)
    if fact.source_id != actor_of(request).party:
        raise Forbidden(
            "fact.not_yours",
            Text("只能更正本单位提交的数据", "You can only correct what your own party submitted"),
            remedy=Text("对别人提交的数据请提出异议", "Dispute what others stated"),
        )
    kind = kinds.KINDS[fact.kind]
    start = {field.name: fact.values.get(field.name, "") for field in _open_fields(kind)}
    act = acting.Act(
        code="facts.correct", title=Text(f"更正{kind.title.zh} {fact.key}", f"Correct {kind.title.en.lower()} {fact.key}"),
        submit=Text("更正", "Correct"), form=_form_of(kind), start=start,
        body=lambda values: {"fact": fact.pk, "values": _changed(values, fact)},
        words=lambda values: _correction_words(kind, fact, values),
        done=lambda outcome: reverse("document", args=[outcome["fact"]]),
        said=Text("已更正，原来的一条仍在记录中", "Corrected; the old row stays on record"),
        back=reverse("document", args=[fact.pk]), crumbs=_crumbs(fact),
        lead=Text("只改有误的项；单据号、企业与日期（状态类）不能改。", "Change what is wrong; its number and firm stay."),
    )  # fmt: skip
    return acting.respond(request, act)


@guard.acting()
def dispute(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """A side says that what another stated about it is wrong."""
    fact = queries.access_fact(actor_of(request), id)
    kind, source = kinds.KINDS[fact.kind], labels.name_of(fact.source)
    title = Text(f"对{kind.title.zh} {fact.key} 提出异议", f"Dispute {kind.title.en.lower()} {fact.key}")
    # Reasons are personal text, kept as salted hashes in the log: signed by the platform, without a panel of bytes.
    act = acting.Act(
        code="facts.dispute", title=title, submit=Text("提出异议", "Dispute"), form=Reason, plain=True,
        body=lambda values: {"fact": fact.pk, "reason": values["reason"]},
        done=lambda outcome: reverse("document", args=[outcome["fact"]]),
        said=Text("异议已提出，等待来源答复", "Disputed; the source has to answer"),
        back=reverse("document", args=[fact.pk]), crumbs=_crumbs(fact),
        lead=Text(
            f"由{source.zh}提交。{doubt.RULE.zh}每份数据只能提出一次异议。",
            f"Stated by {source.en}. {doubt.RULE.en} A statement can be disputed once.",
        ),
    )  # fmt: skip
    return acting.respond(request, act)


@guard.acting()
def uphold(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """The source stands by its statement and says why."""
    row = disputes.access(actor_of(request), id)
    act = acting.Act(
        code="facts.uphold", title=Text(f"维持 {row.fact.key}", f"Uphold {row.fact.key}"), submit=Text("维持原数据", "Uphold"),
        form=Reason, plain=True, body=lambda values: {"dispute": row.pk, "reason": values["reason"]},
        done=lambda outcome: reverse("document", args=[outcome["fact"]]),
        said=Text("已答复", "Answered"), back=reverse("disputes"), crumbs=_crumbs(row.fact),
        lead=Text(f"{labels.name_of(row.by).zh}的异议：{row.reason}", f"{labels.name_of(row.by).en} says: {row.reason}"),
    )  # fmt: skip
    return acting.respond(request, act)


@guard.acting()
def withdraw(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """Whoever disputed takes it back."""
    row = disputes.access(actor_of(request), id)
    act = acting.Act(
        code="facts.withdraw_dispute", title=Text(f"撤回对 {row.fact.key} 的异议", f"Take back the dispute of {row.fact.key}"),
        submit=Text("撤回异议", "Take it back"), body=lambda values: {"dispute": row.pk},
        words=lambda values: [Text("撤回后，原数据重新有效。", "The statement then stands again.")],
        done=lambda outcome: reverse("document", args=[outcome["fact"]]),
        said=Text("已撤回", "Taken back"), back=reverse("disputes"), crumbs=_crumbs(row.fact),
    )  # fmt: skip
    return acting.respond(request, act)


def _crumbs(fact: Fact) -> list[parts.Crumb]:
    return [parts.Crumb(_("单据"), reverse("documents")), parts.Crumb(fact.key, reverse("document", args=[fact.pk]))]


def _open_fields(kind: kinds.FactKind) -> list[kinds.Field]:
    """What a correction may change: not the document's number and firm, nor a state's thing and day."""
    fixed = {kind.key, kind.subject, *((kind.on, kind.thing) if kind.state else ())}
    return [field for field in kind.fields if field.name not in fixed]


def _form_of(kind: kinds.FactKind) -> type[forms.Form]:
    return type("Correction", (forms.Form,), {field.name: _field(field) for field in _open_fields(kind)})


def _field(field: kinds.Field) -> forms.Field:
    label = display.say(field.title)
    if not isinstance(field.read, Choice):
        return forms.CharField(label=label, required=field.required, max_length=200)
    choices = [(code, display.say(title)) for code, title in field.read.titles().items()]
    return forms.ChoiceField(
        label=label, required=field.required, choices=choices if field.required else [("", "—"), *choices]
    )


def _changed(values: Mapping[str, Any], fact: Fact) -> dict[str, str]:
    return {name: value for name, value in values.items() if value != str(fact.values.get(name, ""))}


def _correction_words(kind: kinds.FactKind, fact: Fact, values: Mapping[str, Any]) -> Sequence[display.Label]:
    words: list[display.Label] = []
    for name, value in _changed(values, fact).items():
        field = kind.field(name)
        before, after = _said(field, fact.values.get(name, "")), _said(field, value)
        words.append(
            Text(
                f"“{field.title.zh}”由“{before.zh}”改为“{after.zh}”",
                f"“{field.title.en}” from “{before.en}” to “{after.en}”",
            )
        )
    return words or [Text("没有改动", "Nothing is changed")]


def _said(field: kinds.Field, value: Any) -> Text:
    """A value as a person reads it."""
    if value in ("", None):
        return Text("空", "empty")
    known = field.read.titles() if isinstance(field.read, Choice) else {}
    return known.get(str(value)) or Text(str(value), str(value))
