"""The shell's own pages: the front door, reading preferences, the public verifier, and the error pages.

Nothing here reads a room's rows. The front door sends a person who is logged in to the home their role has
registered.
"""

from __future__ import annotations

import functools
import logging
import sys
from importlib import resources

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.csrf import requires_csrf_token
from django.views.decorators.http import require_GET, require_POST

from jirong.store import retry
from jirong.web import navigation, preferences, problem, viewer

logger = logging.getLogger("jirong.site")


@require_GET
def front(request: HttpRequest) -> HttpResponse:
    """To the role's home, or to all of its menu where it has none; to a stranger, what Jirong is and where to log in."""
    looking = viewer.of(request)
    if not looking.is_known:
        return render(request, "site/front.html")
    home = navigation.home_of(looking.roles)
    return redirect(home) if home else render(request, "site/start.html")


@require_POST
def choose_preferences(request: HttpRequest) -> HttpResponse:
    """Language, theme or the colour of a rise; back to where the reader was."""
    chosen = preferences.accepted({name: value for name, value in request.POST.items() if isinstance(value, str)})
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure()):
        target = "/"
    response = redirect(target)
    preferences.set_cookies(request, response, chosen)
    preferences.keep(request, chosen)
    return response


@require_GET
def verify(request: HttpRequest) -> HttpResponse:
    """The public verifier: everything it does, it does in the reader's browser."""
    return render(request, "site/verify.html", {"words": _verify_words(), "sample": _sample()})


@functools.cache
def _sample() -> dict[str, str]:
    """A receipt of the demonstration and the trust file it is checked against, byte for byte."""
    folder = resources.files("jirong.site") / "static" / "jirong"
    return {name: (folder / f"sample-{name}.json").read_text(encoding="utf-8") for name in ("receipt", "trust")}


def _verify_words() -> dict[str, object]:
    """What the verifier's script says, in the reader's language."""
    return {
        "kept": _("上次使用的信任文件"),
        "missing": _("未选择"),
        "sample": _("示例（演示集群的一次开立）"),
        "tampered": _("示例，金额已被改动"),
        "large": _("文件过大，不是凭据"),
        "needReceipt": _("请选择凭据"),
        "needTrust": _("还缺信任文件"),
        "badTrust": _("信任文件无法使用："),
        "insecure": _("浏览器只在 HTTPS 或本机地址上提供加密功能，请改用安全地址打开本页，或用命令行 jirong verify"),
        "walking": _("正在逐步核验…"),
        "state_ok": _("凭据成立：每一步都已核对"),
        "state_pending": _("凭据尚未完备：没有发现错误，但还有步骤在等待"),
        "state_failed": _("凭据不成立：下列标红的步骤没有通过"),
        "where": _("位置"),
        "trail": _("看证明怎样走到根（{levels} 层）"),
        "leaf": _("叶"),
        "left": _("左接"),
        "right": _("右接"),
        "root": _("检查点的根"),
        "marks": {"ok": _("通过"), "pending": _("等待"), "failed": _("不通过")},
        "codes": {
            "format": _("文件"),
            "statement": _("操作"),
            "outcome": _("结果"),
            "statement_registration": _("密钥登记的操作"),
            "outcome_registration": _("密钥登记的结果"),
            "key": _("密钥"),
            "signature": _("签名"),
            "log": _("日志"),
            "inclusion": _("收录"),
            "registration": _("密钥登记的收录"),
            "witnesses": _("见证"),
        },
        "grades": {"own": _("自有密钥"), "platform": _("平台代管（较弱）"), "system": _("系统自身")},
        "means": {
            "own": _("私钥只在操作方手里，平台也无法代签：签名本身就是操作方的承诺。"),
            "platform": _(
                "私钥由平台代管：凭据证明日志没有被改动，但不能排除平台代签。请操作方登记自有密钥以取得更强的证明。"
            ),
            "system": _("平台自身的例行操作（如日终），没有任何一方签名；凭据只证明它已写入日志。"),
        },
        "facts": {
            "action": _("操作"),
            "actor": _("操作方"),
            "id": _("编号"),
            "recorded": _("记录时间"),
            "grade": _("签名等级"),
            "means": _("这意味着"),
            "place": _("第几条 / 共几条"),
            "body": _("内容"),
        },
    }


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    return _error(request, 404)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    return _error(request, 403)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    return _error(request, 400)


@requires_csrf_token
def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """A form that was open too long, or came from elsewhere."""
    if problem.is_api(request):
        return problem.response(request, problem.GENERIC[403])
    return render(request, "403_csrf.html", status=403)


def failed(request: HttpRequest) -> HttpResponseBase:
    """A defect of ours, or a database that cannot be reached. Drawn without the shell, whose queries may have failed."""
    if retry.is_outage(sys.exc_info()[1]):
        return _unavailable(request)
    found = problem.defect()
    logger.error("defect %s at %s %s", found.details["number"], request.method, request.path, exc_info=sys.exc_info())
    if problem.is_api(request):
        return problem.response(request, found)
    return render(request, "500.html", {"number": found.details["number"]}, status=500)


def _unavailable(request: HttpRequest) -> HttpResponseBase:
    logger.error("the database cannot be reached, at %s %s", request.method, request.path, exc_info=sys.exc_info())
    if problem.is_api(request):
        return problem.response(request, problem.GENERIC[503])
    return render(request, "500.html", {"outage": True}, status=503)


def _error(request: HttpRequest, status: int) -> HttpResponseBase:
    if problem.is_api(request):
        return problem.response(request, problem.GENERIC[status])
    return render(request, f"{status}.html", status=status)
