"""Addresses of the pages about notes."""

from __future__ import annotations

from django.urls import URLPattern, path

from jirong.notes.views import homes, issue, loans, lots, notes, offers, operator, red, together, trades

urlpatterns: list[URLPattern] = [
    path("home/core", homes.core, name="home_core"),
    path("home/firm", homes.firm, name="home_firm"),
    path("home/bank", homes.bank, name="home_bank"),
    path("home/operator", homes.operator, name="home_operator"),
    path("operator/close", operator.close, name="close_day"),
    path("operator/advance", operator.advance, name="advance_day"),
    path("operator/check", operator.whole, name="check_whole"),
    path("issue/", issue.choose, name="issue"),
    path("issue/terms", issue.terms, name="issue_terms"),
    path("issue/check", issue.check, name="issue_check"),
    path("notes/", notes.note_list, name="notes"),
    path("notes/due/", notes.maturity_list, name="maturities"),
    path("notes/<uuid:id>/", notes.note_page, name="note"),
    path("notes/<uuid:id>/accept", notes.accept_note, name="accept_note"),
    path("notes/<uuid:id>/decline", notes.decline_note, name="decline_note"),
    path("notes/<uuid:id>/pay", notes.pay_note, name="pay_note"),
    path("lots/", lots.lot_list, name="lots"),
    path("lots/<uuid:id>/", lots.lot_page, name="lot"),
    path("lots/<uuid:id>/transfer", lots.transfer_lot, name="transfer_lot"),
    path("lots/<uuid:id>/loan", lots.ask_loan, name="ask_loan"),
    path("lots/<uuid:id>/discount", lots.ask_discount, name="ask_discount"),
    path("lots/<uuid:id>/release", lots.release_lot, name="release_lot"),
    path("lots/<uuid:id>/unfreeze", lots.unfreeze_lot, name="unfreeze_lot"),
    path("lots/<uuid:id>/recourse", lots.call_recourse, name="call_recourse"),
    path("offers/", offers.offer_list, name="offers"),
    path("offers/several", together.take_several, name="take_several"),
    path("offers/<uuid:id>/", offers.offer_page, name="offer"),
    path("offers/<uuid:id>/drop", offers.drop_offer, name="drop_offer"),
    path("loans/", loans.loan_list, name="loans"),
    path("loans/<uuid:id>/", loans.loan_page, name="loan"),
    path("trades/", trades.trade_list, name="trades"),
    path("trades/<uuid:seller>/<path:order_no>/", trades.trade_page, name="trade"),
    path("invoices/<uuid:id>/freeze", red.freeze, name="freeze_lots"),
    path("invoices/", trades.invoice_list, name="invoices"),
]
