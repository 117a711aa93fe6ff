"""The calculator's pages under ``/tools/calculator``: public, without rows of their own, their whole state in the
address. What they compute is ``instruments.practice.calculate`` and ``instruments.actus.documents``.
"""
