"""The address where DCC Boxed delivers responses and alerts: loopback by default, bounded, quick to answer."""

from __future__ import annotations

import errno
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from trialconformance.core import UsageError
from trialconformance.harness.dccboxed.settings import Receive

__all__ = ["Receiver"]

_LARGEST = 4 * 1024 * 1024  # octets
_PATIENCE = 5.0  # seconds a sender may take for one request


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = False  # a port that another worker holds must be seen as taken
    path = ""
    accept: Callable[[bytes], bool]


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = _PATIENCE

    def do_POST(self) -> None:
        """Keep the document and answer 204, or 400 where it is not usable."""
        status = self._receive()
        self.send_response_only(status)
        self.send_header("Content-Length", "0")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True

    def _receive(self) -> HTTPStatus:
        length = self.headers.get("Content-Length", "")
        if self.path != self.server.path:
            return HTTPStatus.NOT_FOUND
        if self.headers.get_content_type() != "application/xml":
            return HTTPStatus.UNSUPPORTED_MEDIA_TYPE
        if not (length.isascii() and length.isdigit()) or int(length) > _LARGEST:
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        octets = self.rfile.read(int(length))
        if len(octets) != int(length):
            return HTTPStatus.BAD_REQUEST
        return HTTPStatus.NO_CONTENT if self.server.accept(octets) else HTTPStatus.BAD_REQUEST

    def log_message(self, *_: object) -> None:
        """Say nothing: the transcript keeps what arrives."""


class Receiver:
    """Listens in a thread of its own.

    Args:
        settings: where to listen.
        accept: takes a document and says whether it was usable; called from threads of the server.
    """

    def __init__(self, settings: Receive, accept: Callable[[bytes], bool]) -> None:
        self._settings = settings
        self._accept = accept
        self._server: _Server | None = None

    def start(self) -> bool:
        """Start to listen.

        Returns:
            False where another worker of the run listens at this address already.

        Raises:
            UsageError: the address cannot be used for another reason.
        """
        if self._server is not None:
            return True
        try:
            server = _Server((self._settings.host, self._settings.port), _Handler)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return False
            raise UsageError(
                f"cannot listen: {error.strerror}", where=f"{self._settings.host}:{self._settings.port}"
            ) from error
        server.path, server.accept = self._settings.path, self._accept
        self._server = server
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return True

    @property
    def port(self) -> int:
        """The port it listens at; the one of the settings while another worker listens."""
        return self._settings.port if self._server is None else int(self._server.server_address[1])

    def stop(self) -> None:
        """Stop to listen."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
