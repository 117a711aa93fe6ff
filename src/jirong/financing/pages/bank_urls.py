"""Addresses of the lender's pages of financing."""

from __future__ import annotations

from django.urls import URLPattern, path

from jirong.financing.pages import (
    bank_acts,
    bank_book,
    bank_close,
    bank_desk,
    bank_loan,
    bank_pipeline,
    bank_policies,
    bank_shares,
    calls,
)

urlpatterns: list[URLPattern] = [
    path("lending/desk/", bank_desk.desk, name="bank_desk"),
    path("lending/desk/pulse", bank_desk.pulse, name="bank_pulse"),
    path("lending/desk/risk", bank_desk.risk, name="bank_risk"),
    path("lending/pipeline/", bank_pipeline.pipeline, name="bank_pipeline"),
    path("lending/book/", bank_book.overview, name="bank_book"),
    path("lending/book/vintages", bank_book.vintages, name="bank_vintages"),
    path("lending/book/rolls", bank_book.rolls, name="bank_rolls"),
    path("lending/book/losses", bank_shares.losses, name="bank_losses"),
    path("lending/book/concentration", bank_shares.concentration, name="bank_concentration"),
    path("lending/book/provisions", bank_shares.provisions, name="bank_provisions"),
    path("lending/book/loans/", bank_book.loans, name="bank_loans"),
    path("lending/book/loans/<uuid:id>/", bank_loan.loan_page, name="bank_loan"),
    path("lending/book/loans/<uuid:id>/<slug:name>", bank_acts.act, name="bank_act"),
    path("lending/book/contracts/<uuid:id>/", bank_loan.contract_page, name="bank_contract"),
    path("lending/book/contracts/<uuid:id>/freeze", bank_acts.freeze, name="bank_freeze"),
    path("lending/book/contracts/<uuid:id>/lower", bank_acts.lower, name="bank_lower"),
    path("lending/book/contracts/<uuid:id>/watch", calls.watch, name="bank_watch"),
    path("credit/loans/<uuid:id>/recover", calls.recover, name="firm_recover"),
    path("credit/calls/", calls.call_list, name="calls"),
    path("credit/calls/<uuid:id>/answer", calls.answer, name="call_answer"),
    path("lending/policies/", bank_policies.policy_list, name="bank_policies"),
    path("lending/policies/sign/<uuid:scheme>", bank_policies.sign_policy, name="bank_sign_policy"),
    path("lending/policies/<uuid:id>/", bank_policies.policy_page, name="bank_policy"),
    path("lending/policies/<uuid:id>/join/<slug:name>", bank_policies.join, name="bank_join_policy"),
    path("lending/policies/<uuid:id>/withdraw", bank_policies.withdraw, name="bank_withdraw_policy"),
    path("lending/close/", bank_close.runs, name="bank_close"),
    path("lending/close/start", bank_close.start, name="bank_close_start"),
    path("lending/close/<uuid:id>/", bank_close.run_page, name="bank_close_run"),
    path("lending/close/<uuid:id>/resume", bank_close.resume, name="bank_close_resume"),
]
