"""What of the book is lost, where it gathers, what is set aside: expected loss, concentration, provisions."""

from __future__ import annotations

import datetime
import uuid
from collections.abc import Sequence
from typing import Any

from django.db.models import Sum
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse

from jirong.financing import deciding, queries
from jirong.financing.models import Policy, Provision
from jirong.financing.pages import bank_figures, bank_losses, bank_tables, shared
from jirong.financing.pages.bank_book import interval, lender_of, tabs
from jirong.financing.pages.bank_figures import Cell
from jirong.financing.pages.bank_places import LENDERS
from jirong.financing.pages.bank_tables import CLASS_NAMES, book_url, column, percent_of
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.parties import guard, labels
from jirong.store import business_date, catalogue
from jirong.web import parts, tables

DEFAULT_RULE = "ifrs9.stage_days"
"""The dated rule that the meaning of a default leans on."""


@guard.acting(*sorted(LENDERS))
def losses(request: HttpRequest) -> HttpResponseBase:
    """PD × what falls on the lender × exposure, by policy and level, and which numbers are assumptions."""
    lender, today = lender_of(request), business_date.today()
    expected = bank_losses.expected(lender, today, bank_figures.cells(lender, today))
    policies = Policy.objects.select_related("scheme").in_bulk([line.policy for line in expected.lines if line.policy])
    table = bank_tables.Rows(
        request, [loss_row(line, policies) for line in expected.lines], [
            column("policy", Text("政策", "Policy"), primary=True), column("level", Text("等级", "Level")),
            column("loans", Text("笔数", "Loans"), "number"), column("minor", Text("风险敞口（元）", "Exposure (CNY)"), "money"),
            column("pd", Text("违约概率", "PD"), "rate"), column("source", Text("来源", "Source")),
            column("bad", Text("其中不良（元）", "Of it bad (CNY)"), "money", optional=True),
            column("gross", Text("分担前（元）", "Before sharing (CNY)"), "money"),
            column("own", Text("本行承担（元）", "Falls on us (CNY)"), "money"), column("lgd", Text("本行损失率", "Our LGD"), "rate", optional=True),
        ], name="losses", title=Text("预期损失", "Expected loss"), empty=Text("还没有在贷余额", "Nothing is lent"),
    )  # fmt: skip
    context = {
        "tabs": tabs("bank_losses"),
        "today": today,
        "expected": expected,
        "assumptions": assumptions(expected, today),
    }
    return tables.respond(request, "financing/bank_losses.html", table, context=context)


def loss_row(line: bank_losses.Line, policies: dict[uuid.UUID, Policy]) -> dict[str, Any]:
    policy = policies.get(line.policy) if line.policy else None
    observed = line.pd.observed
    counts = Text(
        f"本行观察 {observed.part}/{observed.whole}，区间 {interval(observed)}",
        f"observed {observed.part}/{observed.whole}, {interval(observed)}",
    )
    source = {
        "observed": counts,
        "model": Text(
            f"{line.pd.forecasts} 次评估的平均预测（假设）", f"mean of {line.pd.forecasts} assessments (assumed)"
        ),
        "unknown": Text("未知，不计算", "unknown, not computed"),
    }[line.pd.source]
    return {
        "policy": shared.title_of(policy) if policy else Text("没有方案的贷款", "Loans without a scheme"),
        "policy_href": reverse("bank_policy", args=[policy.pk]) if policy else "",
        "level": bank_tables.level_name(line.level), "loans": line.loans,
        "loans_href": book_url(policy=bank_tables.policy_key(line.policy), level=line.level or "none", running=1),
        "minor": line.minor, "pd": line.pd.value, "source": source, "bad": line.bad_minor, "gross": line.gross_minor,
        "own": line.own_minor,
        "lgd": percent_of(line.own_minor, line.gross_minor) if line.gross_minor and line.own_minor is not None else None,
    }  # fmt: skip


def assumptions(expected: bank_losses.Expected, today: datetime.date) -> list[Text]:
    """Every number that is not counted from the book, said plainly; what default means, with the rule it leans on."""
    least, cited = bank_losses.OBSERVED_MIN, catalogue.rulebook().at(DEFAULT_RULE, today).citation
    said = [
        Text(
            f"违约：逾期满90天。某等级一年以上账龄的贷款不足{least}笔时不采用观察值，改用评估方法的平均预测，并标为假设。"
            f"参照：{cited.zh}",
            f"Default is 90 days late. Where a level has fewer than {least} loans a year old, the mean of its assessments' "
            f"forecasts stands in and is marked as assumed. After {cited.en}",
        ),
        Text(
            "回收：假设违约后没有回收（回收率 0）。抵押物价值和历史回收均未计入，因此结果偏高。",
            "Recovery is assumed to be nothing: neither security nor past recoveries are counted, so the figure is high.",
        ),
        Text(
            "分担：按方案的分担条款和分担方目前的可用资金计算；分担方能否兑付未打折扣。",
            "Sharing follows the scheme's clause and the bearers' present means; that they will pay is taken as given.",
        ),
        Text("次级、可疑、损失三类按违约概率 100% 计。", "Substandard, doubtful and loss count with a PD of 100 %."),
    ]
    if expected.uncovered_minor:
        amount = Money(expected.uncovered_minor).grouped()
        said.append(
            Text(f"另有 {amount} 元敞口没有违约概率，未计入合计。", f"CNY {amount} has no PD and is not in the sums.")
        )
    return said


@guard.acting(*sorted(LENDERS))
def concentration(request: HttpRequest) -> HttpResponseBase:
    """By debtor, cluster, scheme and core enterprise."""
    lender, today = lender_of(request), business_date.today()
    cells = bank_figures.cells(lender, today)
    loans, whole = bank_figures.total(cells)
    policies = Policy.objects.select_related("scheme").in_bulk({cell.policy for cell in cells if cell.policy})
    made = [
        _shares(request, "debtors", Text("按债务人（前20户）", "By debtor (first 20)"), _debtor_rows(lender, whole)),
        _shares(request, "clusters", Text("按产业集群", "By cluster"), _cluster_rows(lender, whole)),
        _shares(request, "schemes", Text("按方案", "By scheme"), scheme_rows(cells, policies, whole)),
        _shares(request, "cores", Text("按核心企业", "By core enterprise"), core_rows(cells, policies, whole)),
    ]
    top = sum(row["minor"] for row in made[0]._rows[:10])
    context = {
        "tabs": tabs("bank_concentration"),
        "today": today,
        "whole": whole,
        "loans": loans,
        "top": percent_of(top, whole),
        "shares": made,
    }
    return tables.respond(request, "financing/bank_concentration.html", *made, context=context)


def _shares(request: HttpRequest, name: str, title: Text, rows: list[dict[str, Any]]) -> bank_tables.Rows:
    most = max((row["minor"] for row in rows), default=0)
    rows = [{**row, "width": f"{100 * row['minor'] / most:.2f}%" if most else "0%"} for row in rows]
    columns = [
        column("name", Text("名称", "Name"), primary=True, template="financing/bank_share.html"), column("loans", Text("笔数", "Loans"), "number"),
        column("minor", Text("本金余额（元）", "Principal left (CNY)"), "money"), column("share", Text("占比", "Share"), "rate"),
    ]  # fmt: skip
    return bank_tables.Rows(
        request, rows, columns, name=name, title=title, empty=Text("没有可列的敞口", "Nothing to show")
    )


def _debtor_rows(lender: uuid.UUID, whole: int) -> list[dict[str, Any]]:
    found = bank_figures.debtors(lender)
    names = labels.names(row.party for row in found)
    return [
        _share_row(names.get(r.party, labels.UNKNOWN), book_url(debtor=r.party), r.loans, r.minor, whole) for r in found
    ]


def _cluster_rows(lender: uuid.UUID, whole: int) -> list[dict[str, Any]]:
    return [
        _share_row(Text(r.name, r.name_en or r.name), book_url(cluster=r.cluster), r.debtors, r.minor, whole)
        for r in bank_figures.clusters(lender)
    ]


def scheme_rows(cells: Sequence[Cell], policies: dict[uuid.UUID, Policy], whole: int) -> list[dict[str, Any]]:
    rows = []
    for key in {cell.policy for cell in cells}:
        loans, minor = bank_figures.total(cell for cell in cells if cell.policy == key)
        policy = policies.get(key) if key else None
        name = shared.title_of(policy) if policy else Text("没有方案的贷款", "Loans without a scheme")
        rows.append(_share_row(name, book_url(policy=bank_tables.policy_key(key), running=1), loans, minor, whole))
    return sorted(rows, key=lambda row: -row["minor"])


def core_rows(cells: Sequence[Cell], policies: dict[uuid.UUID, Policy], whole: int) -> list[dict[str, Any]]:
    """A policy stands on the core enterprise its scheme names, so its loans are that core's exposure."""
    by_core: dict[uuid.UUID, list[uuid.UUID]] = {}
    for key, policy in policies.items():
        scheme = deciding.scheme_behind(policy)
        for name, role in scheme.parties.items():
            if role == "core" and name in policy.parties:
                by_core.setdefault(uuid.UUID(policy.parties[name]), []).append(key)
    names = labels.names(by_core)
    rows = []
    for core, keys in by_core.items():
        loans, minor = bank_figures.total(cell for cell in cells if cell.policy in keys)
        rows.append(
            _share_row(
                names.get(core, labels.UNKNOWN),
                book_url(policy=",".join(map(str, keys)), running=1),
                loans,
                minor,
                whole,
            )
        )
    return sorted(rows, key=lambda row: -row["minor"])


def _share_row(name: Text, href: str, loans: int, minor: int, whole: int) -> dict[str, Any]:
    return {
        "name": name,
        "name_href": href,
        "loans": loans,
        "minor": minor,
        "share": percent_of(minor, whole),
    }


@guard.acting(*sorted(LENDERS))
def provisions(request: HttpRequest) -> HttpResponseBase:
    """What was provided for at the close of each of the last days, by class."""
    lender, today = lender_of(request), business_date.today()
    rows = provision_days(lender)
    table = bank_tables.Rows(
        request, [provision_row(day, rows[day]) for day in sorted(rows, reverse=True)], [
            column("on", Text("日终", "Close of"), "date", primary=True), column("principal", Text("本金余额（元）", "Principal left (CNY)"), "money"),
            column("accrued", Text("应计利息（元）", "Interest accrued (CNY)"), "money", optional=True),
            *(column(f"c{code}", Text(f"{name.zh}（元）", f"{name.en} (CNY)"), "money", optional=True) for code, name in enumerate(CLASS_NAMES)),
            column("provision", Text("拨备合计（元）", "Provision (CNY)"), "money"), column("share", Text("拨备率", "Of principal"), "rate"),
        ], name="provisions", title=Text("拨备", "Provisions"),
        empty=Text("还没有做过日终。日终后每天的拨备列在这里。", "No day was closed yet; each close's provision stands here."),
    )  # fmt: skip
    rules, own = queries.provision_rules(lender, rows)
    context = {
        "tabs": tabs("bank_provisions"), "today": today, "chart": provision_chart(rows),
        "clauses": [shared.clause_of(rule) for rule in rules], "own_plan": own,
    }  # fmt: skip
    return tables.respond(request, "financing/bank_provisions.html", table, context=context)


Days = dict[datetime.date, dict[int, dict[str, int]]]


def provision_days(lender: uuid.UUID, most: int = 62) -> Days:
    """By day and class, the newest days first."""
    since = list(Provision.objects.filter(lender=lender).order_by("-on").values_list("on", flat=True).distinct()[:most])
    found: Days = {}
    if since:
        rows = Provision.objects.filter(lender=lender, on__gte=since[-1]).values("on", "loan_class")
        for row in rows.annotate(
            p=Sum("principal_minor"), a=Sum("accrued_minor"), s=Sum("provision_minor"), n=Sum("loans")
        ):
            found.setdefault(row["on"], {})[row["loan_class"]] = {
                "p": int(row["p"]),
                "a": int(row["a"]),
                "s": int(row["s"]),
                "n": int(row["n"]),
            }
    return found


def provision_row(day: datetime.date, by_class: dict[int, dict[str, int]]) -> dict[str, Any]:
    principal = sum(row["p"] for row in by_class.values())
    provision = sum(row["s"] for row in by_class.values())
    return {
        "on": day, "on_href": f"{reverse('bank_close')}?on={day}", "principal": principal, "accrued": sum(row["a"] for row in by_class.values()),
        "provision": provision, "share": percent_of(provision, principal),
        **{f"c{code}": by_class.get(code, {}).get("s") for code in range(len(CLASS_NAMES))},
    }  # fmt: skip


def provision_chart(found: Days) -> parts.Chart | None:
    if not found:
        return None
    rows = [
        (day, *(Money(found[day].get(code, {}).get("s", 0)) for code in range(len(CLASS_NAMES))))
        for day in sorted(found)
    ]
    return parts.Chart(
        "provisions",
        Text("各类拨备", "Provisions by class"),
        "stack",
        (Text("日终", "Close of"), *CLASS_NAMES),
        rows,
        Text("元", "CNY"),
    )
