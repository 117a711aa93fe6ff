"""Every write of the room, by noun: assets and their value, stock, pledges, cover, sales."""

from jirong.collateral.actions import assets, pledges, registration, sales, stock

__all__ = ["assets", "pledges", "registration", "sales", "stock"]
