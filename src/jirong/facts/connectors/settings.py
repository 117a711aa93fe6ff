"""What an installation's connectors are: a YAML file, a mapping of names to ``{type, as, every, …}``.

``as`` is the credit code of the party whose facts they are, ``every`` after how many minutes the next pull is due
(:data:`EVERY`), ``token_from`` the environment variable that holds a token. The rest is the connector's own.
"""

from __future__ import annotations

import datetime
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from jirong.kernel.errors import Invalid
from jirong.kernel.text import Text
from jirong.parties.models import Party
from jirong.store.identity import SYSTEM, Actor, acting_as

EVERY = 60
"""Minutes."""


def load(path: Path | str | None) -> dict[str, dict[str, Any]]:
    """Every connector of the file by its name; raises :class:`Invalid` where there is no such file."""
    if path is None or not Path(path).is_file():
        raise Invalid(
            "connector.settings",
            Text("没有连接器设置文件", "There is no file of connector settings"),
            remedy=Text("用 --settings 或 JIRONG_CONNECTORS 指明", "Name it with --settings or JIRONG_CONNECTORS"),
        )
    try:
        known = yaml.safe_load(Path(path).read_text(encoding="utf-8")) or {}
    except (yaml.YAMLError, UnicodeDecodeError):
        known = None
    if not isinstance(known, dict) or not all(isinstance(found, dict) for found in known.values()):
        raise Invalid(
            "connector.settings",
            Text(
                "连接器设置文件不是“名称: {type, as, …}”的 YAML",
                "The connector settings are not YAML of name: {type, as, …}",
            ),
        )
    return {str(name): dict(found) for name, found in known.items()}


def one(path: Path | str | None, name: str) -> dict[str, Any]:
    """The connector of that name, with its token."""
    known = load(path)
    if name not in known:
        raise Invalid("connector.unknown", Text(f"设置中没有连接器“{name}”", f"No connector “{name}” in the settings"))
    return with_token(known[name])


def with_token(settings: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(settings)
    if "token_from" in found:
        found["token"] = os.environ.get(str(found.pop("token_from")), "")
    return found


def every(settings: Mapping[str, Any]) -> datetime.timedelta:
    """How long after a pull the next is due, at least a minute."""
    said = settings.get("every", EVERY)
    if not isinstance(said, int) or said < 1:
        raise Invalid(
            "connector.every", Text("every 应为不小于1的整数（分钟）", "every is a whole number of minutes, at least 1"),
            where="every",
        )  # fmt: skip
    return datetime.timedelta(minutes=said)


def acting(settings: Mapping[str, Any]) -> Actor:
    """The party a connector works for, acting by itself, without a person."""
    code = str(settings.get("as", ""))
    with acting_as(SYSTEM), transaction.atomic():
        party = Party.objects.filter(uscc=code).first()
    if party is None:
        raise Invalid(
            "connector.party", Text(f"信用代码{code}尚未登记", f"No party has the credit code {code}"), where="as"
        )
    return Actor("party", party.pk)
