"""What giving, taking, releasing and realising security says, in words and with its findings: for maker and checker."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse

from jirong.collateral import queries, runtime, shown
from jirong.collateral.actions import pledges, sales
from jirong.collateral.models import LIVE, Agreement, Secured
from jirong.engine import realisation, security
from jirong.kernel.money import Money
from jirong.kernel.text import Text
from jirong.parties import labels, wording
from jirong.parties import queries as parties
from jirong.store import business_date, catalogue
from jirong.store.identity import SYSTEM, Actor, acting_as
from jirong.web import parts
from jirong.web.display import Label

Arguments = Mapping[str, Any]


def register() -> None:
    wording.register("pledge.offer", wording.Wording(offer_words, offer_findings, _pledge_url))
    wording.register("pledge.accept", wording.Wording(accept_words, accept_findings, _pledge_url))
    wording.register("pledge.release", wording.Wording(release_words, release_findings, _pledge_url))
    wording.register("sale.agree", wording.Wording(sale_words, lambda actor, arguments: (), lambda outcome: ""))


def offer_words(actor: Actor, arguments: Arguments) -> Sequence[Label]:
    """To whom, what, for which debt, up to how much, and what registering does."""
    asset = queries.access_asset(actor, arguments["asset"])
    holder = labels.name_of(parties.party(arguments["holder"]))
    form, most = shown.FORMS[pledges.form_of(asset)], arguments["secured"].grouped()
    share = arguments.get("share")
    free = Money(max(0, asset.usable_minor - asset.promised_minor))
    part = (share or free).grouped()
    debt = debt_words(arguments["secures"], arguments.get("debt_title", ""))
    register, how = security.KINDS[asset.kind]
    where = security.REGISTERS[register]
    words = [
        Text(f"以“{asset.title}”向{holder.zh}提供{form.zh}，为{debt.zh}担保，最高担保额 {most} 元。",
             f"Give “{asset.title}” to {holder.en} as a {form.en.lower()} for {debt.en}, up to CNY {most}."),
        Text(f"占用押品可用价值 {part} 元，该部分不能再向他人担保。",
             f"It takes CNY {part} of the asset's value, which can be given to nobody else."),
        Text(f"须由债权人在{where.zh}办理登记；" + ("登记时担保权设立。" if how.constitutes else "未登记不得对抗善意第三人。"),
             f"The holder registers it with {where.en}; " + ("the security exists from then." if how.constitutes
              else "unregistered it has no effect on third parties in good faith.")),
    ]  # fmt: skip
    if arguments.get("whole"):
        words.append(Text("押品以后增值的部分也计入本担保。", "Later gains in its value count for this too."))
    if arguments.get("delivered_on"):
        words.append(Text(f"担保的是该设备的购置款，设备于 {arguments['delivered_on']} 交付。",
                          f"It secures the price of the thing, delivered on {arguments['delivered_on']}."))  # fmt: skip
    return words


def offer_findings(actor: Actor, arguments: Arguments) -> Sequence[parts.Finding]:
    """Whether the value is there, and what the contract's scheme demands of it."""
    asset = queries.access_asset(actor, arguments["asset"])
    free = asset.usable_minor - asset.promised_minor
    share = arguments.get("share")
    wanted = share.minor if share else free
    holds = 0 < wanted <= free
    found = [
        parts.Finding(
            Text("价值只担保一次", "Value is given once"), "pass" if holds else "bar",
            Text(f"可用 {runtime.yuan(max(free, 0))}，本次占用 {runtime.yuan(max(wanted, 0))}",
                 f"{runtime.yuan(max(free, 0))} free, {runtime.yuan(max(wanted, 0))} taken"),
            remedy="" if holds else Text("请减少占用价值，或先解除其他担保", "Give less, or have other security released"),
        )
    ]  # fmt: skip
    rule = catalogue.rulebook().find(security.KINDS[asset.kind][1].rule, business_date.today())
    if rule:
        clause = parts.Clause(rule.citation, rule.rule.title, rule.since, rule.verified)
        found.append(parts.Finding(rule.rule.title, "pass", rule.rule.text, clause=clause))
    return found


def accept_words(actor: Actor, arguments: Arguments) -> Sequence[Label]:
    row = queries.access_agreement(actor, arguments["pledge"])
    owner, form = labels.name_of(row.owner), shown.FORMS[row.form]
    debt = debt_words(row.secures, row.debt_title)
    return [
        Text(f"接受{owner.zh}以“{row.asset.title}”为{debt.zh}提供的{form.zh}。",
             f"Take “{row.asset.title}” of {owner.en} as a {form.en.lower()} for {debt.en}."),
        Text(f"最高担保额 {runtime.yuan(row.secured_minor)} 元，占用押品价值 {runtime.yuan(row.share_minor)} 元。",
             f"Up to CNY {runtime.yuan(row.secured_minor)}; it takes CNY {runtime.yuan(row.share_minor)} of the value."),
    ]  # fmt: skip


def accept_findings(actor: Actor, arguments: Arguments) -> Sequence[parts.Finding]:
    """What lies on the asset ahead of it, and what registering still has to do."""
    row = queries.access_agreement(actor, arguments["pledge"])
    ahead = [
        item for item in queries.encumbrances(actor, row.asset) if item.agreement != row.pk and item.state != "offered"
    ]
    taken = sum(item.share_minor for item in ahead)
    said = (
        Text(f"前有{len(ahead)}笔担保，共占用 {runtime.yuan(taken)} 元", f"{len(ahead)} right(s) ahead take CNY {runtime.yuan(taken)}")
        if ahead else Text("押品上没有其他担保", "Nothing else lies on the asset")
    )  # fmt: skip
    how = security.KINDS[row.asset.kind][1]
    next_ = Text(f"签署后：{how.name.zh} · {how.lacking.zh}", f"After signing: {how.name.en}; {how.lacking.en}")
    return [
        parts.Finding(Text("在先担保", "What is ahead"), "warn" if ahead else "pass", said),
        parts.Finding(Text("登记", "Registration"), "warn", next_),
    ]


def release_words(actor: Actor, arguments: Arguments) -> Sequence[Label]:
    row = queries.access_agreement(actor, arguments["pledge"])
    part = arguments.get("part")
    minor = part.minor if part else row.share_minor
    owner = labels.name_of(row.owner)
    return [
        Text(f"解除对{owner.zh}“{row.asset.title}”的担保，释放价值 {runtime.yuan(minor)} 元。",
             f"Release CNY {runtime.yuan(minor)} of the security on “{row.asset.title}” of {owner.en}."),
        *([] if part else [Text("全部解除后须在登记机构注销登记。", "Wholly released, the registration is to be cancelled.")]),
    ]  # fmt: skip


def release_findings(actor: Actor, arguments: Arguments) -> Sequence[parts.Finding]:
    row = queries.access_agreement(actor, arguments["pledge"])
    part = arguments.get("part")
    minor = part.minor if part else row.share_minor
    return shown.findings([pledges.release_finding(row.asset, row, minor, business_date.today())])


def sale_words(actor: Actor, arguments: Arguments) -> Sequence[Label]:
    """Who pays how much, and who would get what of it today."""
    asset = queries.access_asset(actor, arguments["asset"])
    payer = labels.name_of(parties.party(arguments["payer"]))
    proceeds, costs = arguments["proceeds"], arguments.get("costs")
    how = shown.HOW.get(arguments["how"], Text(arguments["how"], arguments["how"]))
    words: list[Label] = [
        Text(f"以{how.zh}处置“{asset.title}”，{payer.zh}支付 {proceeds.grouped()} 元。",
             f"Realise “{asset.title}” ({how.en.lower()}); {payer.en} pays CNY {proceeds.grouped()}."),
    ]  # fmt: skip
    with acting_as(SYSTEM):
        live = list(Agreement.objects.filter(asset=asset, state__in=LIVE).order_by("pk"))
    found = sales.distribution(live, proceeds.minor, costs.minor if costs else 0, business_date.today())
    return [*words, *distribution_words(found, asset.owner_id)]


def distribution_words(found: realisation.Distribution, owner: uuid.UUID) -> list[Text]:
    names = labels.names([*(part.claim.holder for part in found.parts), owner])
    words = []
    if found.costs_minor:
        words.append(
            Text(
                f"先付处置费用 {runtime.yuan(found.costs_minor)} 元。",
                f"First CNY {runtime.yuan(found.costs_minor)} of costs.",
            )
        )
    for part in found.parts:
        name = names.get(part.claim.holder, labels.UNKNOWN)
        words.append(Text(f"第{part.place}顺位 {name.zh} {runtime.yuan(part.paid_minor)} 元，尚欠 {runtime.yuan(part.unpaid_minor)} 元。",
                          f"{part.place}. {name.en} CNY {runtime.yuan(part.paid_minor)}, CNY {runtime.yuan(part.unpaid_minor)} unpaid."))  # fmt: skip
    name = names.get(owner, labels.UNKNOWN)
    words.append(
        Text(
            f"余款归所有人{name.zh} {runtime.yuan(found.owner_minor)} 元。",
            f"The rest to the owner {name.en}: CNY {runtime.yuan(found.owner_minor)}.",
        )
    )
    return words


def debt_words(secures: uuid.UUID, debt_title: str) -> Text:
    """What is secured, named."""
    if debt_title:
        return Text(f"“{debt_title}”", f"“{debt_title}”")
    row = Secured.objects.filter(pk=secures).first()
    if row is None:
        return Text("该合同", "the contract")
    title, limit = shown.secured_title(row), runtime.yuan(row.limit_minor)
    return Text(f"“{title.zh}”合同（{limit} 元）", f"the contract “{title.en}” (CNY {limit})")


def _pledge_url(outcome: Mapping[str, Any]) -> str:
    return reverse("pledge", args=[uuid.UUID(str(outcome["pledge"]))]) if outcome.get("pledge") else ""
