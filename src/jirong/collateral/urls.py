"""Addresses of the pages about security."""

from __future__ import annotations

from django.urls import URLPattern, path

from jirong.collateral.views import assets, contracts, pledges, sales

urlpatterns: list[URLPattern] = [
    path("collateral/assets/", assets.asset_list, name="assets"),
    path("collateral/assets/record", assets.record, name="asset_record"),
    path("collateral/assets/<uuid:id>/", assets.asset_page, name="asset"),
    path("collateral/assets/<uuid:id>/show", assets.show, name="asset_show"),
    path("collateral/assets/<uuid:id>/value", assets.value, name="asset_value"),
    path("collateral/assets/<uuid:id>/stock", assets.stock, name="asset_stock"),
    path("collateral/assets/<uuid:id>/retire", assets.retire, name="asset_retire"),
    path("collateral/assets/<uuid:id>/pledge", pledges.give, name="asset_pledge"),
    path("collateral/assets/<uuid:id>/pledge/outside", pledges.give_outside, name="asset_pledge_outside"),
    path("collateral/assets/<uuid:id>/sell", sales.sell, name="asset_sell"),
    path("collateral/pledges/", pledges.pledge_list, name="pledges"),
    path("collateral/pledges/<uuid:id>/", pledges.pledge_page, name="pledge"),
    path("collateral/pledges/<uuid:id>/accept", pledges.accept, name="pledge_accept"),
    path("collateral/pledges/<uuid:id>/drop", pledges.drop, name="pledge_drop"),
    path("collateral/pledges/<uuid:id>/register", pledges.register, name="pledge_register"),
    path("collateral/pledges/<uuid:id>/prolong", pledges.prolong, name="pledge_prolong"),
    path("collateral/pledges/<uuid:id>/release", pledges.release, name="pledge_release"),
    path("collateral/pledges/<uuid:id>/cancel", pledges.cancel, name="pledge_cancel"),
    path("collateral/pledges/<uuid:id>/debt", pledges.state_debt, name="pledge_debt"),
    path("collateral/contracts/", contracts.security_list, name="securities"),
    path("collateral/contracts/<uuid:id>/", contracts.security_page, name="security"),
    path("collateral/contracts/<uuid:id>/check", contracts.check, name="security_check"),
    path("collateral/sales/<uuid:id>/", sales.sale_page, name="sale"),
    path("collateral/sales/<uuid:id>/pay", sales.pay, name="sale_pay"),
    path("collateral/sales/<uuid:id>/withdraw", sales.withdraw, name="sale_withdraw"),
]
