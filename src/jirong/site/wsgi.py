"""The WSGI application that granian serves.

A process loads everything a request may need before it takes one, and then tells the collector of cyclic garbage that
what was loaded stays: going through half a million lasting objects again and again would hold up requests.
"""

from __future__ import annotations

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "jirong.site.settings")
application = get_wsgi_application()
get_resolver().url_patterns  # noqa: B018  # reading it loads the rooms' pages and the API
gc.collect()
gc.freeze()
