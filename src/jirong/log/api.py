"""The log over HTTP: receipts of one's own actions, and the trust file to check them with."""

from __future__ import annotations

import uuid
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router

from jirong.log import receipts

router = Router()


@router.get("/receipts/{id}", response=dict[str, Any], tags=["log"])
def get_receipt(request: HttpRequest, id: uuid.UUID) -> HttpResponse:
    """The receipt of an action one may read; without a checkpoint while it is pending.

    The body is the receipt's exact bytes: a receipt is canonical JSON, and written any other way it fails the check.
    """
    return HttpResponse(receipts.receipt_for(id).encode(), content_type="application/json")


@router.get("/trust", response=dict[str, Any], tags=["log"], auth=None)
def get_trust(request: HttpRequest) -> dict[str, Any]:
    """What a reader of receipts needs: the log's key, its witnesses' keys and how many must cosign."""
    return receipts.trust().as_dict()
