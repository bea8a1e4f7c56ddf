"""Plugs the rig of this laboratory into trialconformance: run ``pytest --trial submission.toml --device plugin``."""

from rig import Rig

from trialconformance.harness import Capability, Command, Credentials, DeviceSession, Identity


class RigSession(DeviceSession):
    host = "127.0.0.1"
    deadline_ms, linger_ms = 300, 50

    def __init__(self, rig: Rig) -> None:
        can = frozenset({Capability.SEND, Capability.TAMPER, Capability.REPLAY, Capability.ALERTS})
        who, keys = Identity(entity=rig.eui64, device_type="HCALCS"), Credentials.from_keystore(rig.keys)
        super().__init__(identity=who, credentials=keys, capabilities=can)
        self.rig = rig

    def transmit(self, command: Command) -> None:
        self.rig.write(command.octets)

    def collect(self, deadline_ms: int) -> bytes | None:
        return self.rig.read(deadline_ms / 1000)

    def close(self) -> None:
        self.rig.off()


def pytest_trialconformance_open_session() -> DeviceSession:
    return RigSession(Rig())
