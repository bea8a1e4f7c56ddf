"""Opening a session from a word: ``emulator:GSME``, ``tcp:127.0.0.1:4059:ESME``, ``replay:folder``, ``boxed:file``."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Collection
from functools import cache
from pathlib import Path

from trialconformance.core import UsageError
from trialconformance.harness.credentials import Credentials
from trialconformance.harness.emulator import EmulatorSession, Faults, synthetic_credentials
from trialconformance.harness.replay import ReplaySession
from trialconformance.harness.session import DeviceSession
from trialconformance.harness.tcp import TcpSession
from trialconformance.smki.issue import SyntheticPki

__all__ = ["KINDS", "may_attack", "open_session"]

_LOOPBACK_NAMES = frozenset({"", "localhost"})
_DEFAULT = "ESME"


@cache
def _synthetic() -> tuple[SyntheticPki, Credentials]:
    """The synthetic PKI and its parties: the same octets every time, so they are made once."""
    pki = SyntheticPki()
    return pki, synthetic_credentials(pki)


def open_session(word: str, *, case: str, device_type: str = "") -> DeviceSession:
    """Open a session for one procedure.

    Args:
        word: which device, as the user named it.
        case: id of the case that is about to be run.
        device_type: device type of the submission, where the word names none.

    Returns:
        The session.

    Raises:
        UsageError: the word means nothing, or what it names cannot be used.
    """
    kind, _, rest = word.partition(":")
    opener = KINDS.get(kind)
    if opener is None:
        raise UsageError(f"{word!r} names no device", where="--device", accepted=", ".join(KINDS))
    return opener(rest, case, device_type)


def may_attack(host: str, allowed: Collection[str]) -> bool:
    """Whether hostile input may be sent to a host: loopback always, any other only where it was named.

    Args:
        host: name or address; empty for a device in this process.
        allowed: hosts that the user named.
    """
    if host in _LOOPBACK_NAMES or host in allowed:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _emulator(rest: str, _: str, device_type: str) -> DeviceSession:
    """``emulator``, ``emulator:GSME``, ``emulator:GSME:leaks-gas-plaintext``."""
    named, _, fault = rest.partition(":")
    pki, credentials = _synthetic()
    behaviour = Faults.shipped().get(fault).behaviour if fault else None
    chosen = named or device_type or _DEFAULT
    return EmulatorSession(chosen, behaviour=behaviour, pki=pki, credentials=credentials)


def _tcp(rest: str, _: str, device_type: str) -> DeviceSession:
    """``tcp:HOST:PORT`` or ``tcp:HOST:PORT:TYPE``: a device of the synthetic PKI behind a socket."""
    parts = rest.split(":")
    if len(parts) not in {2, 3} or not parts[1].isdigit():
        raise UsageError(
            f"tcp:{rest} names no socket", where="--device", accepted="tcp:HOST:PORT or tcp:HOST:PORT:TYPE"
        )
    pki, credentials = _synthetic()
    chosen = parts[2] if len(parts) == 3 else device_type or _DEFAULT
    return TcpSession(parts[0], int(parts[1]), device_type=chosen, pki=pki, credentials=credentials)


def _replay(rest: str, case: str, _: str) -> DeviceSession:
    """``replay:FOLDER``: the transcript ``<case>.json`` of an earlier run."""
    return ReplaySession.read(Path(rest) / f"{case}.json", credentials=_synthetic()[1])


def _boxed(rest: str, _: str, __: str) -> DeviceSession:
    """``boxed:SETTINGS.toml``."""
    # lxml is only needed where DCC Boxed is.
    from trialconformance.harness.dccboxed import BoxedSession, read_settings  # noqa: PLC0415

    return BoxedSession(read_settings(Path(rest)))


KINDS: dict[str, Callable[[str, str, str], DeviceSession]] = {
    "emulator": _emulator,
    "tcp": _tcp,
    "replay": _replay,
    "boxed": _boxed,
}
