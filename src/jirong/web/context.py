"""What the shell needs on every page: who looks, where they may go, how they like to read."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from jirong.web import navigation, preferences, viewer


def shell(request: HttpRequest) -> dict[str, Any]:
    """Template context processor. Lazy, so that a fragment or an export asks for nothing it does not draw."""
    return {
        "viewer": SimpleLazyObject(lambda: viewer.of(request)),
        "navigation": SimpleLazyObject(lambda: navigation.menu(request)),
        "preferences": preferences.of(request),
        "languages": settings.LANGUAGES,
    }
