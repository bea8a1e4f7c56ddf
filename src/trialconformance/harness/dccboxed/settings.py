"""What a user says about their DCC Boxed: addresses, keys, paths and patience."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from trialconformance.core import UsageError

__all__ = ["BoxedSettings", "Surface", "read_settings"]

_Port = Annotated[int, Field(ge=0, le=65535)]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Surface(_Model):
    """One surface of DCC Boxed.

    Args:
        host: name or address.
        port: TCP port.
        tls: whether a reverse proxy in front of it speaks TLS.
        ca: PEM file with the authority of that proxy; the system's authorities otherwise.
        headers: extra headers of each request, for that proxy.
        timeout_ms: milliseconds for a whole exchange.
    """

    host: str
    port: _Port
    tls: bool = False
    ca: Path | None = None
    headers: dict[str, str] = {}
    timeout_ms: int = Field(default=3_000, gt=0)


class Receive(_Model):
    """Where DCC Boxed delivers responses and alerts: the address that is typed into its web interface.

    Args:
        host: address to listen at; anything but loopback is a decision of the user.
        port: TCP port; 0 takes a free one (tests only: Boxed must know it).
        path: path of the URL.
        timeout_ms: milliseconds to wait for the response of a device.
    """

    host: str = "127.0.0.1"
    port: _Port = 1880
    path: str = "/smartdcc/duis"
    timeout_ms: int = Field(default=60_000, gt=0)


class BoxedSettings(_Model):
    """Settings of the DCC Boxed harness.

    Args:
        device: EUI-64 of the device under test, 16 hex digits.
        device_type: ``ESME``, ``GSME`` or ``HCALCS``.
        duis: the DUIS services.
        smki: the SMKI services, None where every certificate is in the key store.
        receive: where responses arrive.
        apikey: key of the SMKI services; there is no default, and it never enters a transcript.
        keystore: folder with certificates and test keys of the parties and the device.
        xml_signing_keystore: folder with the XML signing key and certificate of each originator and of DCC.
        templates: folder of DUIS request templates.
        schema_path: the DUIS XSD; None to go without validation (said in the transcript).
        state: folder for counters and arrivals that the workers of one run share.
        accept_unsigned: whether an unsigned response is tolerated; otherwise it is a finding.
    """

    device: Annotated[str, Field(pattern="^[0-9A-Fa-f]{16}$")]
    device_type: str = "ESME"
    duis: Surface
    smki: Surface | None = None
    receive: Receive = Receive()
    apikey: SecretStr | None = None
    keystore: Path
    xml_signing_keystore: Path
    templates: Path
    schema_path: Path | None = None
    state: Path
    accept_unsigned: bool = False


def read_settings(path: Path) -> BoxedSettings:
    """Read settings from a TOML file; relative paths count from its folder.

    Args:
        path: the file.

    Returns:
        The settings.

    Raises:
        UsageError: cannot be read, no TOML, unknown or malformed key.
    """
    try:
        values = tomllib.loads(path.read_text("utf-8"))
        settings = BoxedSettings.model_validate(values)
    except OSError as error:
        raise UsageError(f"cannot be read: {error.strerror}", where=str(path), accepted="a TOML file") from error
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        # The message of pydantic quotes the input, which may be the apikey: only its kind is repeated.
        raise UsageError(f"{key}: {first['msg']}", where=str(path), accepted="the keys of docs/dcc-boxed.md") from None
    except ValueError as error:
        raise UsageError(f"is no usable TOML: {error}", where=str(path), accepted="a TOML file") from error
    folder = path.parent
    return settings.model_copy(
        update={
            name: folder / value
            for name in ("keystore", "xml_signing_keystore", "templates", "schema_path", "state")
            if (value := getattr(settings, name)) is not None
        }
    )
