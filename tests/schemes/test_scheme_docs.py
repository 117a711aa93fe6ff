"""The scheme printed in the documentation is a scheme, and every top-level key is in its table."""

from __future__ import annotations

import re
from pathlib import Path

from jirong.kernel import rates, rules
from jirong.schemes import check
from jirong.schemes.grammar import record
from jirong.schemes.kinds import KINDS
from jirong.schemes.model.scheme import Scheme

PAGE = (Path(__file__).parents[2] / "docs" / "schemes.md").read_text(encoding="utf-8")


def test_the_printed_scheme_passes_without_a_remark() -> None:
    [text] = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    examined = check.examine(text, rules.house_rulebook(), lpr=rates.lpr_history())
    assert [(item.code, item.mark.line) for item in examined.findings] == []


def test_the_table_names_every_section_and_every_kind() -> None:
    table = PAGE.partition("## The sections")[2].partition("##")[0]
    named = set(re.findall(r"`([a-z_]+)`", table))
    assert set(record(Scheme).fields) - {"because"} <= named
    assert set(KINDS) <= named
