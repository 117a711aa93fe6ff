"""Publishing from the studio by two people: what is about to be kept for good, in sentences, for maker and checker.

The maker's panel and the checker's show the same words: the version, its hash, what changed in meaning since the
version before it, and the scheme's own sentences. A version once published never changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from jirong.financing.actions.schemes import TEXT_MAX, SchemeText
from jirong.financing.models import SchemeVersion
from jirong.kernel.errors import Invalid, NotFound
from jirong.kernel.text import Text
from jirong.parties import acting, guard, wording
from jirong.schemes import canonical, diff
from jirong.schemes.explain import explain
from jirong.schemes.findings import Finding
from jirong.schemes.model.scheme import Scheme
from jirong.site.studio import desk
from jirong.site.studio.places import WRITERS
from jirong.store import catalogue
from jirong.store.identity import Actor
from jirong.web import parts
from jirong.web.display import Label


class PublishText(forms.Form):
    """The text as typed; a form's line ends are the network's, a scheme's are its own."""

    text = forms.CharField(strip=False, max_length=TEXT_MAX, widget=forms.HiddenInput)

    def clean_text(self) -> str:
        return str(self.cleaned_data["text"]).replace("\r\n", "\n").replace("\r", "\n")


def register() -> None:
    wording.register("scheme.publish", wording.Wording(_words, _findings, _url))
    wording.register("scheme.publish_catalogue", wording.Wording(_catalogue_words, _catalogue_findings, _url))


@guard.acting(*sorted(WRITERS))
def publish(request: HttpRequest) -> HttpResponseBase:
    """Text typed in the studio, shown as it will be signed; then it waits for a colleague."""
    if request.method != "POST":
        return redirect("studio")
    if not PublishText(request.POST).is_valid():
        raise Invalid(
            "scheme.text",
            Text("方案文本为空、过长或含有不可见的控制字符", "The text is empty, too long or holds control characters"),
            remedy=Text("请返回编辑页修改", "Go back to the editor and mend it"),
        )
    act = acting.Act(
        code="scheme.publish",
        title=Text("发布融资方案", "Publish a scheme"),
        submit=Text("签署并发布", "Sign and publish"),
        form=PublishText,
        body=lambda values: {"document": SchemeText(values["text"])},
        words=lambda values: words_of(values["text"]),
        findings=lambda values: findings_of(values["text"]),
        done=_url,
        back=reverse("studio"),
        crumbs=[parts.Crumb(_("方案目录"), reverse("studio")), parts.Crumb(_("发布"))],
    )
    return acting.respond(request, act)


def words_of(text: str) -> list[Label]:
    """What publishing ``text`` means: the version and hash, what changed, and every sentence of the scheme."""
    scheme = desk.look(text).scheme
    if scheme is None:
        return [Text("文本有错误，不能发布。", "The text has errors and cannot be published.")]
    digest = canonical.digest(scheme)
    return [
        Text(
            f"发布《{scheme.title.zh}》第 {scheme.version} 版（{scheme.ref}），{scheme.effective} 起可签署为授信政策。",
            f"Publish {scheme.title.en}, version {scheme.version} ({scheme.ref}); to be signed from {scheme.effective} on.",
        ),
        Text(f"签署与合同所依据的内容哈希 {digest}。", f"What is signed and what contracts rest on has the hash {digest}."),
        Text("发布后不可更改；要改须另发新版，已签合同沿用原版。",
             "Once published it never changes: a change is a new version, and running contracts keep theirs."),
        *_changes(scheme),
        *(said.text for said in explain(scheme)),
    ]  # fmt: skip


def findings_of(text: str) -> list[parts.Finding]:
    """What bars publishing: errors in the text, a version that is published already; and the checker's warnings."""
    seen = desk.look(text)
    found = [_finding(finding) for finding in seen.findings]
    if seen.scheme is not None and _published(seen.scheme, seen.scheme.version):
        known = Text(f"{seen.scheme.ref} 已发布", f"{seen.scheme.ref} is published already")
        remedy = Text("请提高 version 后再发布", "Raise version and publish that")
        found.insert(0, parts.Finding(Text("版本号未用过", "The version is new"), "bar", known, remedy=remedy))
    return found


def _changes(scheme: Scheme) -> list[Label]:
    """What differs in meaning from the newest published version before this one."""
    before = _published_before(scheme)
    if before is None:
        return [Text("此前没有发布过这个方案。", "No version of this scheme was published before.")]
    known = desk.look(before.text).draft
    changes = diff.diff(known, scheme) if known else []
    said = Text(
        f"与已发布的第 {before.version} 版相比，含义改动 {len(changes)} 处：",
        f"Compared with published version {before.version}, {len(changes)} changes in meaning:",
    )
    return [said, *(change.text for change in changes)]


def _published(scheme: Scheme, version: int) -> bool:
    return SchemeVersion.objects.filter(name=scheme.scheme, version=version).exists()


def _published_before(scheme: Scheme) -> SchemeVersion | None:
    earlier = SchemeVersion.objects.filter(name=scheme.scheme, version__lt=scheme.version)
    return earlier.order_by("-version").first()


def _finding(finding: Finding) -> parts.Finding:
    line = Text(f"第{finding.mark.line}行", f"Line {finding.mark.line}")
    verdict = "bar" if finding.severity == "error" else "warn"
    return parts.Finding(line, verdict, finding.reason, remedy=finding.remedy)


def _words(actor: Actor, arguments: Mapping[str, Any]) -> Sequence[Label]:
    return words_of(arguments["document"].text)


def _findings(actor: Actor, arguments: Mapping[str, Any]) -> Sequence[parts.Finding]:
    return findings_of(arguments["document"].text)


def _catalogue_words(actor: Actor, arguments: Mapping[str, Any]) -> Sequence[Label]:
    return words_of(_of_catalogue(arguments["name"]))


def _catalogue_findings(actor: Actor, arguments: Mapping[str, Any]) -> Sequence[parts.Finding]:
    return findings_of(_of_catalogue(arguments["name"]))


def _of_catalogue(name: str) -> str:
    text = catalogue.schemes().get(name)
    if text is None:
        raise NotFound("scheme.not_in_catalogue", Text("目录中没有这个方案", "The catalogue has no such scheme"))
    return text


def _url(outcome: Mapping[str, Any]) -> str:
    """Where a published version stands; nothing while the outcome names none (a proposal that was approved)."""
    id = outcome.get("scheme") or outcome.get("note")
    found = SchemeVersion.objects.filter(pk=str(id)).first() if id else None
    return reverse("studio_version", args=[found.name, found.version]) if found else ""
