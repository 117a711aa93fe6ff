"""Documents as pages: bring a file, read its report line by line, find a document and what was said of it."""

from __future__ import annotations

import uuid
from collections import Counter
from typing import Any

from django import forms
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from jirong.facts import actions, amending, disputes, kinds, queries
from jirong.facts.kinds.fields import Choice, amount
from jirong.facts.models import Batch, Dispute, Fact
from jirong.kernel.errors import Invalid, Refusal
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.parties import acting, guard, labels
from jirong.store.identity import Actor
from jirong.store.ids import new_id
from jirong.web import display, parts, tables
from jirong.web.api import actor_of


def kind_title(code: str) -> display.Label:
    return kinds.KINDS[code].title if code in kinds.KINDS else code


class DocumentTable(tables.Table):
    name, title = "documents", _("单据")
    columns = (
        tables.Column("key", _("单据号"), sort="key", primary=True, link=lambda row: reverse("document", args=[row.pk])),
        tables.Column("kind", _("类型"), value=lambda row: kind_title(row.kind), sort="kind"),
        tables.Column("subject", _("卖方"), value=lambda row: labels.name_of(row.subject), sort="subject__name"),
        tables.Column("counterparty", _("买方"), value=lambda row: labels.name_of(row.counterparty) if row.counterparty else None,
                      sort="counterparty__name"),
        tables.Column("order_no", _("订单号"), link=lambda row: trade_url(row)),
        tables.Column("amount", _("金额（元）"), kind="money", value="amount_minor", sort="amount_minor"),
        tables.Column("on", _("日期"), kind="date", sort="on"),
        tables.Column("source", _("提交方"), value=lambda row: labels.name_of(row.source), optional=True),
    )  # fmt: skip
    filters = (
        tables.Search("q", _("单据号或企业"), ("key", "order_no", "subject__name", "counterparty__name")),
        tables.Choice("kind", _("类型"), [(kind.code, kind.title) for kind in kinds.KINDS.values()]),
        tables.DateRange("on", _("日期")),
        tables.MoneyRange("amount", _("金额"), "amount_minor"),
    )
    order = ("-recorded_at", "-id")
    empty = _("还没有单据。上传订单、发货、验收和发票四种文件，三单匹配会自动完成，之后才能开立链单。")
    empty_action = (_("上传文件"), "/documents/import")


class BatchTable(tables.Table):
    name, title = "batches", _("导入记录")
    columns = (
        tables.Column("name", _("文件"), sort="name", primary=True, link=lambda row: reverse("batch", args=[row.pk])),
        tables.Column("kind", _("类型"), value=lambda row: kind_title(row.kind)),
        tables.Column("added", _("新增"), kind="number", sort="added"),
        tables.Column("known", _("已有"), kind="number"),
        tables.Column("refused", _("未收"), kind="number", value=lambda row: row.refused.get("count", 0)),
        tables.Column("recorded_at", _("时间"), kind="moment", sort="recorded_at"),
    )
    filters = (tables.Choice("kind", _("类型"), [(kind.code, kind.title) for kind in kinds.KINDS.values()]),)
    order = ("-recorded_at", "-id")
    empty = _("还没有导入过文件。")
    empty_action = (_("上传文件"), "/documents/import")


class ConnectorTable(tables.Table):
    """Connectors of the settings: when each ran, what came of it, when it runs next."""

    name, title = "connectors", _("数据连接器")
    columns = (
        tables.Column("name", _("连接器"), sort="name", primary=True),
        tables.Column("source", _("提交方"), value=lambda row: labels.name_of(row.source) if row.source else None),
        tables.Column("last_run", _("上次取数"), kind="moment", sort="last_run"),
        tables.Column("next_run", _("下次取数"), kind="moment", sort="next_run"),
        tables.Column("added", _("新增"), kind="number"),
        tables.Column("set_aside", _("搁置的文件"), kind="number"),
        tables.Column("error", _("最近的错误"), value=lambda row: Text.from_dict(row.error["reason"]) if row.error else None),
    )  # fmt: skip
    order = ("name",)
    empty = _("没有设置连接器。在 JIRONG_CONNECTORS 指明的 YAML 文件里写明后，随网站运行的进程会按时取数。")


def trade_url(row: Fact) -> str | None:
    """The page of the trade a document belongs to."""
    return reverse("trade", args=[row.subject_id, row.order_no]) if row.order_no else None


@guard.acting()
def document_list(request: HttpRequest) -> HttpResponseBase:
    from jirong.facts import firm_views  # it shows this page's table for other firms

    actor = actor_of(request)
    assert actor.party is not None
    table = DocumentTable(request, queries.visible(actor))
    return tables.respond(request, "facts/list.html", table, context=firm_views.comparison(actor, actor.party))


@guard.acting()
def batch_list(request: HttpRequest) -> HttpResponseBase:
    return tables.respond(request, "facts/batches.html", BatchTable(request, queries.batches(actor_of(request))))


@guard.acting("operator")
def connector_list(request: HttpRequest) -> HttpResponseBase:
    """Whether facts come in by themselves, for whoever runs the platform; what they say is not shown."""
    return tables.respond(request, "facts/connectors.html", ConnectorTable(request, queries.following()))


class Import(forms.Form):
    """``kind`` says which of the four documents the file's rows are; ``order_no`` is for an e-invoice's XML."""

    kind = forms.ChoiceField(
        label=_("这是哪种单据"),
        choices=lambda: [
            (gettext("贸易单据"), _choices(trade=True)), (gettext("其他数据"), _choices(trade=False)),
        ],
    )  # fmt: skip
    order_no = forms.CharField(
        label=_("订单号"), required=False, max_length=60, help_text=_("只在上传数电票 XML、而备注未写订单号时填写")
    )


def _choices(*, trade: bool) -> list[tuple[str, str]]:
    found = [kind for kind in kinds.KINDS.values() if (kind.code in kinds.TRADE_KINDS) == trade]
    return [(kind.code, display.say(kind.title)) for kind in found]


@guard.acting()
@require_http_methods(["GET", "POST"])
def import_file(request: HttpRequest) -> HttpResponseBase:
    """One CSV file of one kind; the report tells what became of each row."""
    form, refusal = Import(initial={"kind": "order"}), None
    id = new_id()
    if request.method == "POST":
        form, id = Import(request.POST), acting.action_id(request)
        try:
            if form.is_valid():
                return _import(request, form.cleaned_data["kind"], id)
        except Refusal as caught:
            refusal = caught
    status = refusal.status if refusal else 422 if form.errors else 200
    context = {
        "form": form,
        "refusal": refusal,
        "id": id,
        "kinds": [kinds.KINDS[code] for code in kinds.TRADE_KINDS],
        "more": [k for k in kinds.KINDS.values() if k.code not in kinds.TRADE_KINDS],
    }
    return render(request, "facts/import.html", context, status=status)


def _import(request: HttpRequest, kind: str, id: uuid.UUID) -> HttpResponseBase:
    file = request.FILES.get("file")
    if file is None:
        raise Invalid(
            "facts.no_file",
            Text("尚未选择文件", "No file was chosen"),
            remedy=Text("请拖入或选择一个 CSV 文件", "Drop or choose a CSV file"),
            where="file",
        )
    actions.import_file(
        actor=actor_of(request), id=id, kind=kind, name=file.name or "upload.csv", data=file.read(),
        order_no=request.POST.get("order_no", "")[:60],
    )  # fmt: skip
    return redirect("batch", id)


@guard.acting()
def batch_page(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """The report of an import: how many rows were added, were known, and were refused, each by line and reason."""
    batch = queries.access_batch(actor_of(request), id)
    rows = [_refused(row) for row in batch.refused.get("rows", [])]
    reasons = Counter(row["code"] for row in rows)
    context = {
        "batch": batch, "rows": rows, "reasons": reasons.most_common(), "header": _batch_header(batch),
        "orders": queries.orders_of_batch(batch),
    }  # fmt: skip
    return render(request, "facts/batch.html", context)


def _batch_header(batch: Batch) -> parts.Header:
    refused = batch.refused.get("count", 0)
    if refused:
        blocker = Text(f"{refused}行未收，改正后可再次上传", f"{refused} rows refused; mend them and upload again")
        status = parts.Status(Text("部分收入", "Partly taken in"), blocker, "wait")
    else:
        status = parts.Status(Text("全部收入", "All taken in"), tone="good")
    return parts.Header(
        title=batch.name,
        kind=kind_title(batch.kind),
        status=status,
        next_action=parts.Action(Text("再传一个文件", "Upload another"), reverse("import_file"), icon="upload"),
        figures=[
            parts.Figure(Text("新增", "Added"), batch.added),
            parts.Figure(Text("已有（未重复收）", "Known already"), batch.known),
            parts.Figure(Text("未收", "Refused"), refused),
            parts.Figure(Text("文件 SHA-256", "File SHA-256"), batch.sha256, kind="hash"),
        ],
    )


def _refused(row: dict[str, Any]) -> dict[str, Any]:
    remedy = row.get("remedy")
    return {
        "line": row["line"],
        "code": row["code"],
        "where": row.get("where", ""),
        "reason": Text.from_dict(row["reason"]),
        "remedy": Text.from_dict(remedy) if remedy else "",
    }


@guard.acting()
def document_page(request: HttpRequest, id: uuid.UUID) -> HttpResponseBase:
    """One document, field by field, with where it came from, what corrected it and who disputes it."""
    actor = actor_of(request)
    row = queries.access_fact(actor, id, request.GET.get("purpose", ""))
    kind = kinds.KINDS[row.kind]
    corrected, found = row.corrections.first(), disputes.of_fact(row)
    context = {
        "fact": row,
        "header": _header(actor, row, corrected, found),
        "fields": [(field.title, _value(field, row.values.get(field.name))) for field in kind.fields],
        "corrected": corrected,
        "disputes": [
            (each, labels.name_of(each.by), amending.state(each), not hasattr(each, "answer")) for each in found
        ],
        "source": labels.name_of(row.source),
        "batch": row.batch if row.source_id == actor.party else None,
        "may_read_reasons": queries.is_own(actor, row),
    }
    return render(request, "facts/document.html", context)


def _header(actor: Actor, row: Fact, corrected: Fact | None, found: list[Dispute]) -> parts.Header:
    kind = kinds.KINDS[row.kind]
    trade, url = bool(kind.counterparty), trade_url(row)
    first, second = (Text("卖方", "Seller"), Text("买方", "Buyer")) if trade else (Text("企业", "Firm"), None)
    if kind.subject == "buyer":
        first, second = Text("买方", "Buyer"), Text("卖方", "Seller")
    figures = [parts.Figure(first, labels.name_of(row.subject), href=reverse("party", args=[row.subject_id]))]
    if second and row.counterparty:
        figures.append(parts.Figure(second, labels.name_of(row.counterparty)))
    figures.append(parts.Figure(Text("日期", "Date"), row.on, kind="date"))
    if row.amount_minor is not None:
        figures.append(parts.Figure(Text("金额", "Amount"), row.amount_minor, kind="money"))
    figures.append(parts.Figure(Text("内容散列", "Hash of its content"), row.digest, kind="hash"))
    return parts.Header(
        title=row.key,
        kind=kind.title,
        status=_standing(row, corrected, found),
        next_action=parts.Action(Text("查看三单匹配", "See the three-way match"), url) if url else None,
        actions=[] if corrected else _amendments(actor, row, found),
        figures=figures,
    )


def _standing(row: Fact, corrected: Fact | None, found: list[Dispute]) -> parts.Status:
    """Whether it stands, in a sentence."""
    if corrected:
        return parts.Status(Text("已被更正", "Corrected since"), tone="wait")
    if any(not hasattr(each, "answer") for each in found):
        waits = Text("待来源答复，期间不据此作决定", "the source has to answer; nothing is decided on it meanwhile")
        return parts.Status(Text("有异议", "Disputed"), waits, "wait")
    by = Text(f"由{row.source.name}提交", f"submitted by {row.source.name_en or row.source.name}")
    return parts.Status(Text("有效", "Stands"), by, "good")


def _amendments(actor: Actor, row: Fact, found: list[Dispute]) -> list[parts.Action]:
    """What the acting party can do about what it says."""
    if row.source_id == actor.party:
        return [parts.Action(Text("更正", "Correct"), reverse("correct_fact", args=[row.pk]))]
    if disputes.may_dispute(actor, row) and all(each.by_id != actor.party for each in found):
        return [parts.Action(Text("提出异议", "Dispute"), reverse("dispute_fact", args=[row.pk]))]
    return []


def _value(field: kinds.Field, value: Any) -> Any:
    if value is None:
        return display.EMPTY
    if field.read is amount:
        return Money.parse(str(value)).grouped()
    return field.read.titles().get(value, value) if isinstance(field.read, Choice) else value
