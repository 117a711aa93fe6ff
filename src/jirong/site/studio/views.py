"""The studio's pages. Any person who is logged in may read, write and try; publishing is in ``publishing``.

One address serves a scheme's page: a GET shows the text that is kept, a POST the text that was typed, as a whole page
or, asked by htmx, as the parts that change, so that what is being typed stays where it is.
"""

from __future__ import annotations

import datetime as dt
import re

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from jirong.financing import queries
from jirong.financing.models import SchemeVersion
from jirong.kernel.errors import Conflict, NotFound, Refusal
from jirong.kernel.text import Text
from jirong.parties import labels
from jirong.schemes import kinds as contracts
from jirong.schemes import new as templates
from jirong.schemes import titles, vocabulary
from jirong.schemes.evaluate import Standing, Verdict
from jirong.schemes.explain import phrases
from jirong.site.studio import desk, listing, places, published, shelf, tree, trial
from jirong.site.studio.places import WRITERS
from jirong.store import business_date
from jirong.web import display, parts, tables, viewer
from jirong.web.api import actor_of

YAML = "application/yaml; charset=utf-8"
VERDICTS = {
    Verdict.APPROVE: (Text("可以批准", "May be approved"), "good"),
    Verdict.REFUSE: (Text("不予批准", "Refused"), "bad"),
    Verdict.ASK: (Text("先请企业补充资料", "The firm is asked for more"), "wait"),
    Verdict.REFER: (Text("转人工审查", "Goes to a person"), "wait"),
}
STANDINGS = {
    Standing.MET: ("pass", "check", Text("满足", "met")),
    Standing.FAILED: ("bar", "bar", Text("不满足", "not met")),
    Standing.UNKNOWN_ASK: ("warn", "why", Text("待补充", "to be supplied")),
    Standing.UNKNOWN_REFER: ("warn", "people", Text("待人工", "for a person")),
    Standing.NOTED: ("note", "dot", Text("计算", "computed")),
}


@require_GET
@login_required
def schemes(request: HttpRequest) -> HttpResponseBase:
    """The catalogue and the published versions."""
    table = listing.SchemeTable(request, shelf.entries())
    return tables.respond(request, "studio/schemes.html", table, context={"tabs": places.tabs("studio")})


@require_GET
@login_required
def kinds(request: HttpRequest) -> HttpResponse:
    """The contract kinds a new scheme may begin from."""
    rows = [
        {
            "kind": kind,
            "title": phrases.capital(vocabulary.KIND[kind]),
            "payer": vocabulary.PARTY.get(found.payer),
            "receiver": vocabulary.PARTY.get(found.receiver),
            "vehicles": [vocabulary.VEHICLE[vehicle] for vehicle in found.vehicles],
        }
        for kind, found in contracts.KINDS.items()
    ]
    return render(request, "studio/kinds.html", {"rows": rows, "crumbs": _crumbs(_("新建方案"))})


@require_http_methods(["GET", "POST"])
@login_required
def new(request: HttpRequest, kind: str) -> HttpResponse:
    """A template of a kind on the desk."""
    text = templates.template(kind)
    title = Text("新方案", "New scheme")
    status = parts.Status(Text("草稿", "Draft"), Text("尚未下载", "not downloaded yet"), "wait")
    return _desk(request, text, title, vocabulary.KIND[kind], status, None, "")


@require_http_methods(["GET", "POST"])
@login_required
def scheme(request: HttpRequest, name: str) -> HttpResponse:
    """The catalogue's text of a scheme on the desk."""
    return _kept(request, shelf.find(name), reverse("studio_download", args=[name]))


@require_http_methods(["GET", "POST"])
@login_required
def version(request: HttpRequest, name: str, version: int) -> HttpResponse:
    """A published version on the desk."""
    found = shelf.find(f"{name}@{version}")
    row = queries.schemes().select_related("published_by").get(name=name, version=version)
    download_url = reverse("studio_download_version", args=[name, version])
    return _kept(request, found, download_url, _published(request, row))


def _published(request: HttpRequest, row: SchemeVersion) -> dict[str, object]:
    """Who published the version, who signed it, and the version before it."""
    actor = actor_of(request)
    earlier = published.before(row)
    signing_url = ""
    if viewer.of(request).roles & {"bank", "factor", "lessor"}:
        signing_url = reverse("bank_sign_policy", args=[row.pk])
    return {
        "version": row,
        "publisher": labels.name_of(row.published_by),
        "signed": published.signed_under(actor, [row])[row.pk],
        "earlier": f"{earlier.name}@{earlier.version}" if earlier else "",
        "signing_url": signing_url,
    }


def _kept(
    request: HttpRequest, found: shelf.Entry, download_url: str, more: dict[str, object] | None = None
) -> HttpResponse:
    state = Text("已发布", "Published") if found.origin == shelf.PUBLISHED else Text("目录方案", "In the catalogue")
    kept = Text("在本页的修改只在您的浏览器里，下载后保存", "changes made here stay in your browser until downloaded")
    if viewer.of(request).roles & WRITERS:
        kept = Text(
            "在本页的修改只在您的浏览器里，下载或发布后保存",
            "changes made here stay in your browser until kept or published",
        )
    status = parts.Status(state, kept, "good")
    kind = vocabulary.KIND.get(found.kind)
    return _desk(request, found.text, found.title, kind, status, found, download_url, more)


def _desk(
    request: HttpRequest,
    text: str,
    title: Text,
    kind: Text | None,
    status: parts.Status,
    entry: shelf.Entry | None,
    download_url: str,
    more: dict[str, object] | None = None,
) -> HttpResponse:
    """The page, or for htmx the parts of it that follow the text."""
    typed = request.POST.get("text") if request.method == "POST" else None
    seen = desk.look(text if typed is None else typed, text if entry else None)
    context = {
        "look": seen,
        "entry": entry,
        "kept": text,
        "crumbs": _crumbs(title),
        "may_publish": bool(viewer.of(request).roles & WRITERS),
        **(more or {}),
        **_trial(request, seen),
    }
    if request.headers.get("HX-Request") and typed is not None:
        response = render(request, "studio/_look.html", {**context, "oob": True})
        patch_vary_headers(response, ["HX-Request"])
        return response
    actions = [parts.Action(_("下载原文"), download_url, icon="export")] if download_url else []
    if entry:
        actions.append(parts.Action(_("与别的方案比较"), f"{reverse('studio_diff')}?before={entry.key}", icon="copy"))
    context["header"] = parts.Header(
        title, status, phrases.capital(kind) if kind else "", actions=actions, figures=_figures(seen)
    )
    return render(request, "studio/scheme.html", context)


def _figures(seen: desk.Look) -> list[parts.Figure]:
    """Of the text that is kept: they do not follow what is typed."""
    draft = seen.draft
    if draft is None:
        return []
    return [
        parts.Figure(Text("代号", "Name"), draft.ref),
        parts.Figure(phrases.capital(titles.field_title("vehicle")), vocabulary.VEHICLE[draft.vehicle]),
        parts.Figure(phrases.capital(titles.field_title("effective")), draft.effective, "date"),
        parts.Figure(Text("原文哈希", "Hash as kept"), seen.digest, "hash"),
    ]


@require_POST
@login_required
def attempt(request: HttpRequest) -> HttpResponse:
    """The trial alone: the answer, and with a sample the fields as it fills them."""
    seen = desk.look(request.POST.get("text", ""))
    context = {"look": seen, "oob": True, **_trial(request, seen)}
    return render(request, "studio/_tried.html", context)


def _trial(request: HttpRequest, seen: desk.Look) -> dict[str, object]:
    """Fields and answer: as typed, or the first sample where nothing was typed yet."""
    if seen.scheme is None:
        return {"trial": None}
    sample = request.POST.get("preset") or request.GET.get("preset", "")
    typed = {name: value for name, value in request.POST.items() if isinstance(value, str)}
    if sample or trial.ON not in typed:
        sample = sample or "meets"
        typed = trial.preset(seen.scheme, sample, max(_today(), seen.scheme.effective))
    tried = trial.attempt(seen.scheme, typed)
    return {
        "trial": tried,
        "known": trial.KNOWN,
        "presets": trial.presets(seen.scheme),
        "sample": sample,
        "answer": _answer(tried),
        "fields_changed": bool(sample) or request.POST.get("shape") != tried.shape,
    }


def _answer(tried: trial.Trial) -> dict[str, object] | None:
    found = tried.evaluation
    if found is None:
        return None
    said, tone = VERDICTS[found.verdict]
    rows = [
        {
            "answer": each,
            "verdict": STANDINGS[each.standing][0],
            "icon": STANDINGS[each.standing][1],
            "standing": STANDINGS[each.standing][2],
        }
        for each in found.answers
    ]
    open_ones = (Standing.FAILED, Standing.UNKNOWN_ASK, Standing.UNKNOWN_REFER)
    blocking = [each for each in found.answers if each.standing in open_ones]
    return {
        "said": said,
        "tone": tone,
        "terms": found.terms,
        "rows": rows,
        "blocking": blocking,
        "met": sum(each.standing is Standing.MET for each in found.answers),
    }


def _today() -> dt.date:
    try:
        return business_date.today()
    except Conflict:
        return timezone.localdate()


@require_POST
@login_required
def set_value(request: HttpRequest) -> JsonResponse:
    """The text with one value changed, for the form's fields; a refusal in the reader's language otherwise."""
    text = desk.look(request.POST.get("text", "")).text
    try:
        result = tree.changed(text, request.POST.get("path", ""), request.POST.get("value", ""))
    except Refusal as refusal:
        said = f"{display.say(refusal.reason)} · {display.say(refusal.remedy)}"
        return JsonResponse({"refused": said}, status=refusal.status)
    return JsonResponse({"text": result})


@require_GET
@login_required
def compare(request: HttpRequest) -> HttpResponse:
    """What changed in meaning between two schemes, in sentences."""
    every = shelf.entries()
    keys = {each.key for each in every}
    before, after = (request.GET.get(name, "") for name in ("before", "after"))
    context: dict[str, object] = {
        "entries": every, "before": before, "after": after, "crumbs": _crumbs(_("方案对比")),
        "tabs": places.tabs("studio_diff"),
    }  # fmt: skip
    if before in keys and after in keys:
        one, other = shelf.find(before), shelf.find(after)
        seen = desk.look(other.text, one.text)
        context |= {"one": one, "other": other, "changes": seen.changes}
    elif after or (before and before not in keys):
        raise NotFound("scheme.unknown", Text("没有这个方案版本", "There is no such scheme version"))
    return render(request, "studio/diff.html", context)


@require_GET
@login_required
def download(request: HttpRequest, name: str, version: int | None = None) -> HttpResponse:
    """The text as it is kept."""
    found = shelf.find(name if version is None else f"{name}@{version}")
    return _file(found.text, found.name)


@require_POST
@login_required
def download_typed(request: HttpRequest) -> HttpResponse:
    """The text as it was typed, mistakes and all: it is the writer's."""
    seen = desk.look(request.POST.get("text", ""))
    return _file(seen.text, seen.draft.scheme if seen.draft else "scheme")


def _file(text: str, name: str) -> HttpResponse:
    safe = re.sub(r"[^a-z0-9-]", "", name.lower())[:64] or "scheme"
    return HttpResponse(text, content_type=YAML, headers={"Content-Disposition": f'attachment; filename="{safe}.yaml"'})


def _crumbs(title: display.Label) -> list[parts.Crumb]:
    return [parts.Crumb(_("方案目录"), reverse("studio")), parts.Crumb(title)]
