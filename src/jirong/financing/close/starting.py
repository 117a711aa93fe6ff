"""Starting a close from a page: what is due is begun, the command does the work, and a sentence says so.

Called by a view outside any transaction: each run is begun in one of its own, which stands when the command looks.
"""

from __future__ import annotations

import datetime

from jirong.financing.actions import closing
from jirong.financing.close import apart, running
from jirong.kernel.text import Text

ALREADY = Text("日终正在进行，进度见下", "A close is under way; its progress stands below")
STARTED = Text("日终已开始，进度见下；离开本页不影响", "The close has begun; its progress stands below, stay or leave")


def close_until(day: datetime.date) -> Text:
    """Close every lender's days up to ``day``, what was interrupted first, then the other rooms' own day. What to tell
    whoever asked; refuses a day that has not come.
    """
    if apart.is_under_way():
        return ALREADY
    closing.refuse_early(day, running.today())
    running.begin_due(day)
    apart.start("--until", day.isoformat())
    return STARTED


def resume() -> Text:
    """Go on with every run that was interrupted."""
    if apart.is_under_way():
        return ALREADY
    apart.start("--resume")
    return STARTED
