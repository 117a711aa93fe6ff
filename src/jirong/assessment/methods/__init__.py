"""Assessment methods: pure functions of features and a day, written down as documents.

``house_methods()["tax-score@1"].assess(features, as_of)`` answers a :class:`Result`: score, level, probability of
default where one was estimated, reasons in words, the inputs it looked at and their hash. No Django, clock or network.
"""

from jirong.assessment.methods.base import Method
from jirong.assessment.methods.library import Library, house_methods, registry_methods
from jirong.assessment.methods.values import Effect, Reason, Result, Status

__all__ = ["Effect", "Library", "Method", "Reason", "Result", "Status", "house_methods", "registry_methods"]
