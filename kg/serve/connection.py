"""A connection: how large a request's head may be, how long it and its answer may take on the way.

The server beneath reads heads of any size, waits for their end for ever, and keeps what a client
does not fetch.
"""

from __future__ import annotations

import asyncio
import fcntl
import sys
import termios
from contextlib import suppress
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LONGEST_URL = 65_535  # bytes; what the parser can split
LARGEST_HEAD = 128 << 10


class _RefusedError(Exception):
    """Ends the reading of a request."""


class BoundedProtocol(HttpToolsProtocol):
    """HTTP/1.1 that refuses a head which is too large, slow, or without exactly one Host.

    ``patience`` is how many seconds a request may take to arrive, and how long a client may fetch
    nothing of a response.
    """

    def __init__(self, *arguments: Any, patience: float, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._patience = patience
        self._unsent = 0
        self._fetching: asyncio.TimerHandle | None = None
        self._refusal: tuple[HTTPStatus, str] | None = None
        self._in_head = True
        self._head_size = 0
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Start to wait for the first request."""
        super().connection_made(transport)
        self._set_deadline()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait no longer."""
        self._clear_deadline()
        self._clear_fetching()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on, unless the head is too large already."""
        if self._in_head:
            self._head_size += len(data)
        super().data_received(data)
        if self._in_head and self._head_size > LARGEST_HEAD and not self.transport.is_closing():
            self._refusal = _TOO_LARGE
            self.send_400_response("")

    def on_message_begin(self) -> None:
        """Start to count the time of a request that follows another one."""
        super().on_message_begin()
        if self._deadline is None:
            self._set_deadline()

    def on_headers_complete(self) -> None:
        """Look at the head before the application does."""
        self._in_head, self._head_size = False, 0
        self._refusal = self._judge_head()
        if self._refusal:
            raise _RefusedError
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Wait for the next request; it begins with a head."""
        self._in_head = True
        self._clear_deadline()
        super().on_message_complete()

    def pause_writing(self) -> None:
        """Look now and then whether the client fetches what waits to be sent."""
        super().pause_writing()
        self._unsent = self._count_unsent()
        if self._fetching is None:
            self._fetching = self.loop.call_later(self._patience, self._look_at_client)

    def resume_writing(self) -> None:
        """Look no longer."""
        self._clear_fetching()
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """Refuse what cannot be read, with the status that fits, and close the connection."""
        status, message = self._refusal or (HTTPStatus.BAD_REQUEST, msg)
        content = f"{message}\n".encode()
        head = (
            f"HTTP/1.1 {status.value} {status.phrase}\r\n"
            "content-type: text/plain; charset=utf-8\r\n"
            f"content-length: {len(content)}\r\n"
            "x-content-type-options: nosniff\r\n"
            "connection: close\r\n\r\n"
        )
        self.transport.write(head.encode() + content)
        self.transport.close()

    def _judge_head(self) -> tuple[HTTPStatus, str] | None:
        if len(self.url) > LONGEST_URL:
            return _TOO_LONG
        if sum(len(name) + len(value) for name, value in self.headers) > LARGEST_HEAD:
            return _TOO_LARGE
        hosts = sum(name == b"host" for name, _ in self.headers)
        if hosts > 1 or (not hosts and self.parser.get_http_version() == "1.1"):
            return _NO_HOST
        return None

    def _set_deadline(self) -> None:
        self._deadline = self.loop.call_later(self._patience, self._give_up)

    def _clear_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        """Close a connection whose request does not arrive."""
        self._deadline = None
        if self.transport.is_closing():
            return
        if self.flow.read_paused:  # it is we who do not read: another request is being answered
            self._set_deadline()
        elif self.cycle is None or self.cycle.response_complete:
            message = f"the request did not arrive within {self._patience:g} seconds"
            self._refusal = HTTPStatus.REQUEST_TIMEOUT, message
            self.send_400_response("")
        else:
            self.transport.close()

    def _clear_fetching(self) -> None:
        if self._fetching is not None:
            self._fetching.cancel()
            self._fetching = None

    def _count_unsent(self) -> int:
        """Return how many bytes the client has not fetched, those in the kernel's buffer too."""
        kept = bytearray(4)
        with suppress(OSError):  # where a system does not tell
            fcntl.ioctl(self.transport.get_extra_info("socket").fileno(), termios.TIOCOUTQ, kept)
        return self.transport.get_write_buffer_size() + int.from_bytes(kept, sys.byteorder)

    def _look_at_client(self) -> None:
        self._fetching = None
        unsent = self._count_unsent()
        if unsent and unsent >= self._unsent:
            self.transport.abort()
            return
        self._unsent = unsent
        self._fetching = self.loop.call_later(self._patience, self._look_at_client)


_TOO_LONG = HTTPStatus.REQUEST_URI_TOO_LONG, "the address is too long; send the query by POST"
_TOO_LARGE = (
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    f"the head of the request is larger than {LARGEST_HEAD} bytes",
)
_NO_HOST = HTTPStatus.BAD_REQUEST, "a request names its host in one header Host"
