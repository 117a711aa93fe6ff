"""How to log in: one libpq connection string a role."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Role = Literal["owner", "app", "read"]
ROLES: tuple[Role, ...] = ("owner", "app", "read")

ADMIN = "jirong_admin"
"""The embedded server's superuser: makes roles and databases, backs up, and is used for nothing else."""

DATABASE = "jirong"


def role_name(role: Role) -> str:
    """The database role behind ``role``: ``jirong_owner``, ``jirong_app``, ``jirong_read``."""
    return f"jirong_{role}"


@dataclass(frozen=True, slots=True)
class Connections:
    """libpq connection strings (``host=… dbname=… user=… password=…``), each fit for ``psycopg.connect``.

    ``admin`` is the embedded server's superuser, or None on a server that is not ours.
    """

    owner: str
    app: str
    read: str
    admin: str | None = None

    def of(self, role: Role) -> str:
        return {"owner": self.owner, "app": self.app, "read": self.read}[role]
