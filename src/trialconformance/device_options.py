"""The options about live devices; imported by every pytest process, so it imports nothing but ``options``."""

from __future__ import annotations

from trialconformance.options import Option

__all__ = ["ALLOW", "DEVICE", "DEVICE_OPTIONS"]

DEVICE = Option(
    flag="--device",
    ini="device",
    kind="string",
    metavar="DEVICE",
    help=(
        "A live device: emulator, emulator:GSME, tcp:HOST:PORT:ESME, replay:FOLDER, boxed:SETTINGS.toml, or plugin for "
        "the session of your own conftest.py."
    ),
)
ALLOW = Option(
    flag="--device-allow",
    ini="device_allow",
    kind="args",
    metavar="HOST",
    help="Let the risk suite attack this host; only loopback is attacked without it. May be repeated.",
)

DEVICE_OPTIONS = (DEVICE, ALLOW)
