"""A handful of line drawings, inline so that they take the text's colour and need no font or request.

Each is a path in a 24 × 24 box, stroked at 1.6. Only what the shell and the components use stands here; an unknown
name draws a dot.
"""

from __future__ import annotations

from django.utils.html import escape

PATHS = {
    "dot": "M12 12h.01",
    "home": "M4 11l8-7 8 7M6 9.5V20h12V9.5M10 20v-6h4v6",
    "note": "M6 3h9l4 4v14H6zM14 3v5h5M9 12h7M9 16h7",
    "inbox": "M4 13l3-8h10l3 8v6H4zM4 13h5l1 2h4l1-2h5",
    "invoice": "M6 3h12v18l-3-2-3 2-3-2-3 2zM9 8h6M9 12h6",
    "truck": "M3 6h11v10H3zM14 9h4l3 4v3h-7zM7 19a1.8 1.8 0 1 0 0-3.6A1.8 1.8 0 0 0 7 19zM17 19a1.8 1.8 0 1 0 0-3.6"
    "A1.8 1.8 0 0 0 17 19z",
    "calculator": "M5 3h14v18H5zM8 7h8v3H8zM8.5 14h.01M12 14h.01M15.5 14h.01M8.5 17.5h.01M12 17.5h.01M15.5 17.5h.01",
    "calendar": "M4 6h16v14H4zM4 10h16M8 3v4M16 3v4",
    "receipt": "M5 21V4l2 1 2-1 2 1 2-1 2 1 2-1 2 1v17l-2-1-2 1-2-1-2 1-2-1-2 1zM9 11l2 2 4-4",
    "bank": "M3 10l9-6 9 6M5 10v8M10 10v8M14 10v8M19 10v8M3 21h18",
    "firm": "M3 21V10l6 4v-4l6 4V4h6v17zM7 18h2M12 18h2",
    "people": "M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20c0-4 3-6 6.5-6s6.5 2 6.5 6M16 4.5a3.5 3.5 0 0 1 0 6.5"
    "M18 14.5c2.2.9 3.5 2.8 3.5 5.5",
    "key": "M8 19a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM11 12l8-8M16 7l3 3M13.5 9.5l2 2",
    "chart": "M4 20V4M4 20h16M8 16v-4M12 16V8M16 16v-6",
    "ledger": "M5 4h14v16H5zM9 4v16M12 9h4M12 13h4",
    "log": "M12 3v4M12 17v4M5 7h14v4H5zM7 13h10v4H7z",
    "scheme": "M5 4h6v6H5zM13 14h6v6h-6zM8 10v7h5",
    "verify": "M12 3l8 3v6c0 5-3.5 7.5-8 9-4.5-1.5-8-4-8-9V6zM8.5 12l2.5 2.5 4.5-5",
    "search": "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.5 15.5L20 20",
    "filter": "M4 5h16l-6 8v6l-4-2v-4z",
    "export": "M12 4v11M8 11l4 4 4-4M4 19h16",
    "upload": "M12 16V4M8 8l4-4 4 4M4 19h16",
    "left": "M15 5l-7 7 7 7",
    "right": "M9 5l7 7-7 7",
    "down": "M6 9l6 6 6-6",
    "close": "M6 6l12 12M18 6L6 18",
    "check": "M5 12.5l4.5 4.5L19 7.5",
    "warn": "M12 4l9 16H3zM12 10v4M12 17h.01",
    "bar": "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM6 6l12 12",
    "wait": "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3.5 2",
    "info": "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 11v5M12 8h.01",
    "why": "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM9.5 9.5a2.5 2.5 0 1 1 3.5 2.3c-.7.3-1 .7-1 1.7M12 16.5h.01",
    "sign": "M4 20l4-1L19 8l-3-3L5 16zM14 7l3 3M12 20h8",
    "copy": "M8 8h12v12H8zM16 8V4H4v12h4",
    "user": "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.5 20.5c0-4 3.5-6 7.5-6s7.5 2 7.5 6",
    "globe": "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM3 12h18M12 3c3 3 3 15 0 18M12 3c-3 3-3 15 0 18",
    "theme": "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 3v18M12 7l6-1.5M12 12h9M12 17l6 1.5",
    "menu": "M4 7h16M4 12h16M4 17h16",
    "more": "M6 12h.01M12 12h.01M18 12h.01",
    "out": "M14 4H5v16h9M10 12h11M17 8l4 4-4 4",
    "machine": "M12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM12 3v3M12 18v3M3 12h3M18 12h3M5.6 5.6l2.1 2.1M16.3 16.3l2.1 2.1"
    "M18.4 5.6l-2.1 2.1M7.7 16.3l-2.1 2.1",
    "network": "M6 8a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM6 20a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM18 14a2 2 0 1 0 0-4 2 2 0 0 0 0 4z"
    "M8 6.5l8 4.5M8 17.5l8-4.5",
}


def svg(name: str, label: str = "") -> str:
    """The drawing as SVG text; hidden from screen readers unless it has a label."""
    says = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    return (
        f'<svg class="icon icon-{escape(name)}" width="18" height="18" viewBox="0 0 24 24" '
        f'fill="none" stroke="currentColor" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round" {says}>'
        f'<path d="{PATHS.get(name, PATHS["dot"])}"/></svg>'
    )
