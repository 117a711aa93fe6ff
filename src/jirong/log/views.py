"""Receipts: what one did and what concerns one, how far each proof has come, and the files to check it with."""

from __future__ import annotations

import json
import uuid
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from jirong.kernel.text import Text
from jirong.log import actions, naming, queries, receipts
from jirong.log.models import Entry
from jirong.trust import canonical
from jirong.web import parts, tables
from jirong.web.api import actor_of

PROOFS = {
    queries.PENDING: parts.Status(
        Text("待入日志", "Not yet in the log"), Text("约一秒后可核验", "to be verified in about a second"), tone="wait"
    ),
    queries.LOGGED: parts.Status(
        Text("已入日志", "In the log"), Text("尚待见证人联署", "no witness has cosigned it yet"), tone="wait"
    ),
    queries.COSIGNED: parts.Status(Text("已由见证人联署", "Cosigned by the witnesses"), tone="good"),
}


PROPOSED = "proposal.make"


def title_of(entry: Entry) -> Text:
    """What was done; of a proposal, also what was proposed."""
    title = _title(entry.action)
    if entry.action != PROPOSED:
        return title
    proposed = _title(str(canonical.parse(entry.statement)["body"].get("code", "")))
    return Text(f"{title.zh}：{proposed.zh}", f"{title.en}: {proposed.en}")


def _title(code: str) -> Text:
    known = actions.REGISTRY.get(code)
    return known.title if known else Text(code, code)


class EntryTable(tables.Table):
    """Set ``names`` and ``proofs`` of the page's rows before it is drawn: two queries a page, whatever its length."""

    name, title = "receipts", gettext_lazy("操作凭据")
    columns = (
        tables.Column("action", gettext_lazy("操作"), value=title_of, sort="action", primary=True,
                      link=lambda row: reverse("receipt", args=[row.pk])),
        tables.Column("actor", gettext_lazy("操作方"), value=lambda row: getattr(row, "actor_name", row.actor)),
        tables.Column("recorded_at", gettext_lazy("时间"), kind="moment", sort="recorded_at"),
        tables.Column("grade", gettext_lazy("签名"), template="log/_grade.html", sort="grade"),
        tables.Column("proof", gettext_lazy("证明"), value=lambda row: getattr(row, "proof", None),
                      template="log/_proof.html"),
        tables.Column("business_date", gettext_lazy("营业日"), kind="date", optional=True),
    )  # fmt: skip
    filters = (
        tables.Choice("action", gettext_lazy("操作"), lambda: sorted(
            ((code, item.title) for code, item in actions.REGISTRY.items() if item.public), key=lambda pair: pair[0])),
        tables.Choice("grade", gettext_lazy("签名"), [
            ("own", gettext_lazy("自有密钥")), ("platform", gettext_lazy("平台代管")), ("system", gettext_lazy("系统"))]),
        tables.DateRange("day", gettext_lazy("日期"), "recorded_at__date"),
    )  # fmt: skip
    order = ("-recorded_at", "-id")
    empty = gettext_lazy("还没有操作。您签署的每一步都会在这里留下可离线核验的凭据。")


@require_GET
@login_required
def receipt_list(request: HttpRequest) -> HttpResponseBase:
    table = EntryTable(request, queries.entries(actor_of(request)))
    shown = table.page.items
    proofs, names = queries.proofs(row.pk for row in shown), naming.names(row.actor for row in shown)
    for row in shown:
        row.proof = PROOFS[proofs[row.pk]]
        row.actor_name = names.get(row.actor, naming.HOUSE)
    return tables.respond(request, "log/receipts.html", table)


@require_GET
@login_required
def receipt_page(request: HttpRequest, id: uuid.UUID) -> HttpResponse:
    """What was signed, by whom, with what outcome; the proof is walked in the browser."""
    entry = queries.access_entry(actor_of(request), id)
    proof = queries.proofs([id])[id]
    actor = naming.names([entry.actor]).get(entry.actor, naming.HOUSE) if entry.actor else naming.HOUSE
    header = parts.Header(
        title=title_of(entry),
        kind=Text("凭据", "Receipt"),
        status=PROOFS[proof],
        actions=[
            parts.Action(Text("下载凭据", "Download the receipt"), reverse("receipt_file", args=[id]), icon="export"),
            parts.Action(Text("下载信任文件", "Download the trust file"), reverse("trust_file"), icon="export"),
        ],
        figures=[
            parts.Figure(Text("操作方", "By"), actor),
            parts.Figure(Text("时间", "At"), entry.recorded_at, kind="moment"),
            parts.Figure(Text("营业日", "Business date"), entry.business_date, kind="date"),
            parts.Figure(Text("密钥", "Key"), entry.key or None, kind="hash"),
        ],
    )
    context = {
        "entry": entry, "header": header, "words": check_words(),
        "statement": _pretty(entry.statement), "outcome": _pretty(entry.outcome),
    }  # fmt: skip
    return render(request, "log/receipt.html", context)


@require_GET
@login_required
def receipt_file(request: HttpRequest, id: uuid.UUID) -> HttpResponse:
    """The receipt as the file that ``jirong verify`` reads, byte for byte canonical."""
    return _download(canonical.encode(receipts.receipt_for(id).as_dict()), f"receipt-{id}.json")


@require_GET
def trust_file(request: HttpRequest) -> HttpResponse:
    """The log's key, its witnesses and the quorum: public, and better asked of a witness than of us."""
    return _download(canonical.encode(receipts.trust().as_dict()), "trust.json")


def check_words() -> dict[str, Any]:
    """What the check in the browser says, in the reader's language."""
    return {
        "ok": _("凭据成立：每一步都已在此浏览器中核对"),
        "pending": _("没有发现错误，但还有步骤在等待（尚未入日志或待见证）"),
        "failed": _("凭据不成立：有步骤没有通过"),
        "walking": _("正在逐步核验…"),
        "unreachable": _("未能取得凭据，请检查网络后重试"),
    }


def _pretty(text: str) -> str:
    return json.dumps(json.loads(text), ensure_ascii=False, indent=2)


def _download(data: bytes, name: str) -> HttpResponse:
    response = HttpResponse(data, content_type="application/json")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
