"""The close of business: a lender's day, step by step, partition by partition.

Interest accrues by itself (it is derived, never stored), so a day stores only what falls due and what changed. A step
of a partition is one action: done wholly or not at all, so a killed run goes on where it stopped. What columns can
tell is closed in columns; the rest loan by loan, each on its own, so that one bad loan keeps nobody else from closing.
"""
