"""Every write of the room: publishing and signing schemes, applying and deciding, contracts, loans, the day's close."""

from jirong.financing.actions import applications, closing, conduct, contracts, loans, schemes

__all__ = ["applications", "closing", "conduct", "contracts", "loans", "schemes"]
