"""A template by contract kind: a whole scheme that passes the checker, to be filled with one's own content."""

from __future__ import annotations

from importlib import resources

from jirong.kernel.errors import NotFound
from jirong.kernel.text import Text
from jirong.schemes.kinds import KINDS


def template(kind: str) -> str:
    """The YAML text for ``kind`` (a key of :data:`~jirong.schemes.kinds.KINDS`)."""
    if kind not in KINDS:
        known = "、".join(KINDS)
        raise NotFound(
            "scheme.kind_unknown",
            Text(f"没有名为“{kind}”的合同类型", f"There is no contract kind “{kind}”"),
            remedy=Text(f"可用：{known}", f"Use one of: {', '.join(KINDS)}"),
        )
    return resources.files(__package__).joinpath("templates", f"{kind}.yaml").read_text("utf-8")
