"""HTTP to DCC Boxed: one request per connection, a bound on time and size, no redirects."""

from __future__ import annotations

import http.client
import ssl
import time
from collections.abc import Callable
from typing import Protocol
from urllib.parse import quote

from trialconformance.core import UsageError
from trialconformance.harness.dccboxed.duis import Path as ServicePath
from trialconformance.harness.dccboxed.errors import BoxedError
from trialconformance.harness.dccboxed.settings import BoxedSettings, Surface
from trialconformance.harness.session import Trouble

__all__ = ["HttpTransport", "Transport"]

_LARGEST_REPLY = 4 * 1024 * 1024  # octets
_CHUNK = 65_536  # octets
_NOT_FOUND = 402  # what the SMKI services answer where others answer 404
_SMKI_PATHS = {"search": "/services/certificatesearch", "retrieve": "/services/retrievecertificate"}


class Transport(Protocol):
    """The two things that are asked of DCC Boxed; a recording or a stand-in can provide them too."""

    def post_duis(self, path: ServicePath, octets: bytes) -> bytes:
        """Send a signed request and return the reply."""

    def smki(self, operation: str, octets: bytes) -> bytes | None:
        """Ask the SMKI services; None where they answer "not found"."""


class HttpTransport:
    """Talks to DCC Boxed.

    Args:
        settings: addresses, TLS, headers, time-outs and the apikey.
        log: takes one line per exchange for the transcript; the apikey is not in it.
    """

    def __init__(self, settings: BoxedSettings, *, log: Callable[[str], None] = lambda _: None) -> None:
        self._settings = settings
        self._log = log

    def post_duis(self, path: ServicePath, octets: bytes) -> bytes:
        """Send a signed request.

        Args:
            path: the service.
            octets: the document.

        Returns:
            The reply.

        Raises:
            BoxedError: no answer in time, connection broken, HTTP status or content type wrong.
        """
        status, reply = self._post(self._settings.duis, path.value, path.value, octets)
        if status != http.client.OK:
            raise _status_fault(status, reply)
        return reply

    def smki(self, operation: str, octets: bytes) -> bytes | None:
        """Ask the SMKI services.

        Args:
            operation: ``search`` or ``retrieve``.
            octets: the document.

        Returns:
            The reply; None where the certificate is not found (HTTP 402).

        Raises:
            UsageError: the settings name no SMKI services or no apikey.
            BoxedError: as ``post_duis``.
        """
        surface, apikey = self._settings.smki, self._settings.apikey
        if surface is None or apikey is None:
            raise UsageError(
                "the SMKI services need an address and an apikey", where="settings", accepted="[smki], apikey"
            )
        path = _SMKI_PATHS[operation]
        target = f"{path}?apikey={quote(apikey.get_secret_value(), safe='')}"
        status, reply = self._post(surface, target, f"{path}?apikey=(redacted)", octets)
        if status == _NOT_FOUND:
            return None
        if status != http.client.OK:
            raise _status_fault(status, reply)
        return reply

    def _post(self, surface: Surface, target: str, shown: str, octets: bytes) -> tuple[int, bytes]:
        deadline = time.monotonic() + surface.timeout_ms / 1000
        connection = _connection(surface)
        headers = {"Content-Type": "application/xml", **surface.headers}
        try:
            connection.request("POST", target, octets, headers)
            response = _answer(connection, deadline)
            reply = _body(connection, response, deadline)
        except TimeoutError as error:
            raise BoxedError(
                Trouble.TIMED_OUT, f"no answer from {shown}", expected=f"an answer within {surface.timeout_ms} ms"
            ) from error
        except ConnectionRefusedError as error:
            raise BoxedError(Trouble.REFUSED, f"{surface.host}:{surface.port} refuses connections") from error
        except (OSError, http.client.HTTPException) as error:
            raise BoxedError(Trouble.RESET, f"the connection broke: {type(error).__name__}") from error
        finally:
            connection.close()
        self._log(f"POST {shown}: HTTP {response.status}, {len(octets)} octets sent, {len(reply)} received")
        _demand_xml(response, reply)
        return response.status, reply


def _connection(surface: Surface) -> http.client.HTTPConnection:
    timeout = surface.timeout_ms / 1000
    if not surface.tls:
        return http.client.HTTPConnection(surface.host, surface.port, timeout=timeout)
    context = ssl.create_default_context(cafile=str(surface.ca) if surface.ca else None)
    return http.client.HTTPSConnection(surface.host, surface.port, timeout=timeout, context=context)


def _remaining(connection: http.client.HTTPConnection, deadline: float) -> None:
    """Give the next socket operation what is left of the time for the whole exchange."""
    left = deadline - time.monotonic()
    if left <= 0:
        raise TimeoutError
    if connection.sock is not None:
        connection.sock.settimeout(left)


def _answer(connection: http.client.HTTPConnection, deadline: float) -> http.client.HTTPResponse:
    _remaining(connection, deadline)
    return connection.getresponse()


def _body(connection: http.client.HTTPConnection, response: http.client.HTTPResponse, deadline: float) -> bytes:
    pieces: list[bytes] = []
    size = 0
    while True:
        _remaining(connection, deadline)
        piece = response.read1(_CHUNK)
        if not piece:
            if response.length:  # fewer octets than Content-Length promised
                raise BoxedError(
                    Trouble.HALF,
                    "the reply breaks off",
                    octets=b"".join(pieces),
                    seen=f"{response.length} octets missing",
                )
            return b"".join(pieces)
        pieces.append(piece)
        size += len(piece)
        if size > _LARGEST_REPLY:
            raise BoxedError(Trouble.BAD_XML, "the reply is too large", expected=f"at most {_LARGEST_REPLY} octets")


def _demand_xml(response: http.client.HTTPResponse, reply: bytes) -> None:
    if response.status != http.client.OK:
        return
    media_type = response.headers.get_content_type() if response.headers.get("Content-Type") else "none"
    if media_type != "application/xml":
        raise BoxedError(
            Trouble.WRONG_TYPE, "wrong content type", octets=reply, expected="application/xml", seen=media_type
        )


def _status_fault(status: int, reply: bytes) -> BoxedError:
    return BoxedError(Trouble.HTTP_STATUS, f"HTTP {status}", octets=reply, expected="HTTP 200", seen=f"HTTP {status}")
