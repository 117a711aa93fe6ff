"""A source's HTTP interface that gives JSON: ``GET url?cursor=…`` answers ``{"rows": […], "cursor": "…", "more": …}``.

The token goes in ``Authorization: Bearer``; redirects are not followed, so it goes nowhere else. Only the hosts named
in the configuration are spoken to, answers are bounded, and each call has a time limit.
"""

from __future__ import annotations

import http.client
import json
import ssl
import urllib.parse
from collections.abc import Iterator, Mapping
from typing import Any

from jirong.facts import kinds
from jirong.facts.connectors.base import Page, register
from jirong.kernel.errors import Invalid
from jirong.kernel.text import Text

BYTES_MAX = 32 * 2**20
PAGES_MAX = 10_000
SECONDS = 30.0


class HttpConnector:
    """Pages of one ``kind`` from ``url``; plain HTTP only to this machine itself."""

    def __init__(self, url: str, kind: str, token: str = "") -> None:
        self.url = urllib.parse.urlsplit(url)
        self.kind = kinds.kind_of(kind).code
        self.token = token
        local = self.url.hostname in ("127.0.0.1", "localhost", "::1")
        if self.url.scheme not in ("https", "http") or (self.url.scheme == "http" and not local):
            raise Invalid("connector.not_https", Text("数据接口须使用 https", "A source's address must be https"),
                          where="url")  # fmt: skip

    def pages(self, cursors: Mapping[str, str]) -> Iterator[Page]:
        cursor = cursors.get(self.kind, "")
        for _ in range(PAGES_MAX):
            answer = self._get(cursor)
            rows, after = answer.get("rows"), answer.get("cursor")
            if not isinstance(rows, list) or not isinstance(after, str) or not all(isinstance(r, dict) for r in rows):
                raise _failed("回答不是约定的格式", "its answer is not of the agreed form")
            if rows:
                yield Page(self.kind, tuple(_texts(row) for row in rows), after)
            if not answer.get("more") or after == cursor:
                return
            cursor = after

    def _get(self, cursor: str) -> dict[str, Any]:
        host = self.url.hostname or ""
        connection: http.client.HTTPConnection
        if self.url.scheme == "https":
            context = ssl.create_default_context()
            connection = http.client.HTTPSConnection(host, self.url.port, timeout=SECONDS, context=context)
        else:
            connection = http.client.HTTPConnection(host, self.url.port, timeout=SECONDS)
        query = urllib.parse.urlencode([*urllib.parse.parse_qsl(self.url.query), ("cursor", cursor)])
        headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {self.token}"} if self.token else {})
        try:
            connection.request("GET", f"{self.url.path or '/'}?{query}", headers=headers)
            response = connection.getresponse()
            data = response.read(BYTES_MAX + 1)
        except (OSError, http.client.HTTPException) as error:
            raise _failed("连接失败", f"no connection ({type(error).__name__})") from None
        finally:
            connection.close()
        if response.status != http.client.OK or len(data) > BYTES_MAX:
            raise _failed(f"回答为{response.status}", f"it answered {response.status}")
        try:
            answer = json.loads(data)
        except (ValueError, RecursionError):
            raise _failed("回答不是 JSON", "its answer is not JSON") from None
        return answer if isinstance(answer, dict) else {}


def _texts(row: Mapping[str, Any]) -> dict[str, str]:
    return {str(name): "" if value is None else str(value) for name, value in row.items()}


def _failed(zh: str, en: str) -> Invalid:
    return Invalid("connector.failed", Text(f"数据源读取失败：{zh}", f"The source cannot be read: {en}"),
                   remedy=Text("稍后再试；已存的不受影响", "Try again later; what is stored stays"), where="url")  # fmt: skip


def _make(settings: Mapping[str, Any]) -> HttpConnector:
    return HttpConnector(str(settings["url"]), str(settings["kind"]), str(settings.get("token", "")))


register("http", _make)
