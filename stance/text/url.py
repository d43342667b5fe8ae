"""Fetch one page that the user named."""

from __future__ import annotations

import time
from dataclasses import dataclass
from email.message import Message
from typing import TYPE_CHECKING

from stance.settings import IngestSettings
from stance.text.failures import UnreadableError

if TYPE_CHECKING:
    from urllib3.response import BaseHTTPResponse

#: A download may take this many times ``url_timeout`` in all: no server can dribble forever.
TOTAL_TIMEOUTS = 10

MAX_REDIRECTS = 5
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Page:
    """What a server sent: the bytes, and what it says they are."""

    data: bytes
    content_type: str
    charset: str | None


def is_url(source: str) -> bool:
    """Whether ``source`` is an address rather than a path."""
    return source.lower().startswith(("http://", "https://"))


def fetch(url: str, settings: IngestSettings) -> Page:
    """Download ``url``, following a few redirects.

    Raises :class:`UnreadableError` for anything but a whole answer of status 200 within
    ``settings.url_timeout`` and ``settings.max_bytes``.
    """
    import urllib3

    timeout = settings.url_timeout
    retries = urllib3.Retry(
        total=None, connect=0, read=0, status=0, other=0, redirect=MAX_REDIRECTS
    )
    try:
        with urllib3.PoolManager(retries=retries, timeout=timeout) as pool:
            response = pool.request(
                "GET",
                url,
                preload_content=False,
                headers={"User-Agent": "actor-stance", "Accept": "text/html, text/plain;q=0.9"},
            )
            try:
                return _page(response, settings)
            finally:
                response.close()
    except (urllib3.exceptions.HTTPError, ValueError, OSError) as error:
        raise UnreadableError(_explain(error, timeout)) from error


def _page(response: BaseHTTPResponse, settings: IngestSettings) -> Page:
    if response.status != 200:
        raise UnreadableError(
            f"the server answered {response.status} {response.reason or ''}".rstrip()
            + "; open the address in a browser to see why"
        )
    header = Message()
    header["Content-Type"] = response.headers.get("Content-Type", "application/octet-stream")
    return Page(_body(response, settings), header.get_content_type(), header.get_content_charset())


def _body(response: BaseHTTPResponse, settings: IngestSettings) -> bytes:
    """The body, read piece by piece so that both limits hold whatever the server announces."""
    deadline = time.monotonic() + TOTAL_TIMEOUTS * settings.url_timeout
    body = bytearray()
    while piece := response.read1(_CHUNK):
        body += piece
        if len(body) > settings.max_bytes:
            raise UnreadableError(
                f"the page is larger than {settings.max_bytes:,} bytes (max_bytes)"
            )
        if time.monotonic() > deadline:
            raise UnreadableError(
                f"the page took more than {TOTAL_TIMEOUTS} times {settings.url_timeout:g} seconds; "
                "try again later or raise url_timeout"
            )
    return bytes(body)


def _explain(error: Exception, timeout: float) -> str:
    from urllib3 import exceptions

    cause = getattr(error, "reason", None) or error
    if isinstance(cause, exceptions.TimeoutError):
        return f"no answer within {timeout:g} seconds; try again later or raise url_timeout"
    if isinstance(cause, exceptions.NameResolutionError):
        return "its host is unknown; check the address and the connection"
    if isinstance(cause, exceptions.NewConnectionError):
        return "the connection was refused or impossible; check the address and the connection"
    return f"it cannot be fetched: {cause}"
