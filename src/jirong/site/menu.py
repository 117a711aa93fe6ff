"""What each role finds in its menu: few first entries for every day, the rest folded into sections.

The rooms say where their pages stand; only the roof knows all of them, so the order in which a firm, a lender, the
operator or an authority meets them is decided here. A place that is named nowhere still shows, at the end.
"""

from __future__ import annotations

from django.utils.translation import pgettext_lazy

from jirong.parties.models import ROLES
from jirong.web.navigation import Arrangement, Section, arrange

NOTES = Section(
    "note_work", pgettext_lazy("menu", "链单业务"), "note", ("offers", "lots", "notes", "issue", "maturities")
)
BOUGHT = Section("note_work", pgettext_lazy("menu", "链单业务"), "note", ("offers", "lots", "notes", "loans"))
CREDIT = Section(
    "credit",
    pgettext_lazy("menu", "融资"),
    "bank",
    ("firm_products", "firm_applications", "firm_loans", "calls", "loans", "assets", "pledges", "securities"),
)
TRADE = Section("trade", pgettext_lazy("menu", "贸易与收付"), "truck", ("documents", "trades", "invoices", "payments"))
LENDING = Section(
    "lending",
    pgettext_lazy("menu", "授信"),
    "ledger",
    ("bank_pipeline", "bank_book", "bank_policies", "calls", "bank_close"),
)
SECURITY = Section("security", pgettext_lazy("menu", "担保"), "sign", ("assets", "pledges", "securities"))
RULES = Section(
    "rules",
    pgettext_lazy("menu", "规则与工具"),
    "scheme",
    ("studio", "methods", "models", "features", "calculator", "verify"),
)
FIRM = Section(
    "house",
    pgettext_lazy("menu", "本企业"),
    "firm",
    ("own_party", "firm_profile", "firm_who_reads", "receipts", "parties", "clusters"),
)
HOUSE = Section("house", pgettext_lazy("menu", "单位"), "people", ("own_party", "receipts", "parties", "clusters"))
RUN = Section(
    "run",
    pgettext_lazy("menu", "日常运行"),
    "machine",
    ("operator_day", "bank_close", "check_whole", "processes", "connectors"),
)


def register() -> None:
    firm = ("home_firm", "firm_credit", "inbox", NOTES, CREDIT, TRADE, FIRM, RULES)
    lender = ("home_bank", "bank_desk", "inbox", "payments", BOUGHT, LENDING, SECURITY, RULES, HOUSE)
    operator = ("home_operator", "inbox", RUN, "payments", "notes", "parties", "clusters", RULES, HOUSE)
    others = ("inbox", "bank_policies", "calls", "notes", SECURITY, "payments", RULES, HOUSE)
    arrange(
        Arrangement(frozenset({"operator"}), operator, ("home_operator", "inbox", "operator_day", "payments")),
        Arrangement(frozenset({"bank", "factor", "lessor"}), lender, ("home_bank", "bank_desk", "inbox", "payments")),
        Arrangement(frozenset({"core"}), ("home_core", *firm), ("home_core", "issue", "maturities", "inbox")),
        Arrangement(frozenset({"firm"}), firm, ("home_firm", "firm_credit", "offers", "inbox")),
        Arrangement(frozenset({"planner"}), ("studio", "inbox", *others[1:])),
        Arrangement(frozenset(ROLES), others),
    )
