"""Addresses of the firm's pages of financing."""

from __future__ import annotations

from django.urls import URLPattern, path

from jirong.financing.pages import (
    firm_apply,
    firm_consents,
    firm_home,
    firm_joining,
    firm_loans,
    firm_offers,
    firm_products,
    firm_profile,
)

urlpatterns: list[URLPattern] = [
    path("credit/", firm_home.home, name="firm_credit"),
    path("credit/products/", firm_products.product_list, name="firm_products"),
    path("credit/products/<uuid:policy>/", firm_products.product_page, name="firm_product"),
    path("credit/products/<uuid:policy>/apply", firm_apply.begin, name="firm_apply"),
    path("credit/applications/", firm_offers.application_list, name="firm_applications"),
    path("credit/applications/<uuid:id>/", firm_offers.application_page, name="firm_application"),
    path("credit/applications/<uuid:id>/ask", firm_apply.ask, name="firm_ask"),
    path("credit/applications/<uuid:id>/discard", firm_apply.discard, name="firm_discard"),
    path("credit/applications/<uuid:id>/agree", firm_apply.agree, name="firm_agree"),
    path("credit/applications/<uuid:id>/review", firm_apply.review, name="firm_review"),
    path("credit/applications/<uuid:id>/again", firm_offers.resubmit, name="firm_resubmit"),
    path("credit/applications/<uuid:id>/sign", firm_offers.sign, name="firm_sign"),
    path("credit/applications/<uuid:id>/withdraw", firm_offers.withdraw, name="firm_withdraw"),
    path("credit/applications/<uuid:id>/join", firm_joining.join, name="firm_join"),
    path("credit/applications/<uuid:id>/refuse", firm_joining.refuse, name="firm_refuse_joint"),
    path("credit/offers/", firm_offers.offer_list, name="firm_offers"),
    path("credit/contracts/", firm_loans.contract_list, name="firm_contracts"),
    path("credit/contracts/<uuid:id>/", firm_loans.contract_page, name="firm_contract"),
    path("credit/contracts/<uuid:id>/draw", firm_loans.draw, name="firm_draw"),
    path("credit/loans/", firm_loans.loan_list, name="firm_loans"),
    path("credit/loans/<uuid:id>/", firm_loans.loan_page, name="firm_loan"),
    path("credit/loans/<uuid:id>/repay", firm_loans.repay, name="firm_repay"),
    path("credit/profile/", firm_profile.profile, name="firm_profile"),
    path("credit/profile/<slug:name>/", firm_profile.feature_page, name="firm_feature"),
    path("credit/consents/", firm_consents.consent_list, name="firm_consents"),
    path("credit/consents/new", firm_consents.give, name="firm_consent_new"),
    path("credit/consents/<uuid:id>/", firm_consents.consent_page, name="firm_consent"),
    path("credit/consents/<uuid:id>/withdraw", firm_consents.withdraw, name="firm_consent_withdraw"),
]
