"""What the tests of the harness share: the synthetic PKI, good and faulty devices, a stand-in for DCC Boxed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from trialconformance.harness import Bench, Credentials, EmulatorSession
from trialconformance.harness.dccboxed import BoxedSession, BoxedSettings
from trialconformance.harness.dccboxed.settings import Receive, Surface
from trialconformance.harness.emulator import Behaviour, Emulator, synthetic_credentials
from trialconformance.harness.emulator.boxed_stand_in import BoxedStandIn
from trialconformance.harness.report import Collector
from trialconformance.harness.sensitivity import Procedure, procedures_in
from trialconformance.packaged import packaged
from trialconformance.smki import KeyStore
from trialconformance.smki.issue import SyntheticPki
from trialconformance.smki.pem import write_pem

_XML_SIGNERS = ("supplier", "network-operator", "dsp-xml-sign")

_REQUEST = """<?xml version="1.0" encoding="UTF-8"?>
<sr:Request xmlns:ds="http://www.w3.org/2000/09/xmldsig#"
    xmlns:sr="http://www.dccinterface.co.uk/ServiceUserGateway" schemaVersion="5.4">
  <!-- a template in the shape that users have -->
  <sr:Header>
    <sr:RequestID>00-00-5E-EF-10-00-00-02:{target}:1000</sr:RequestID>
    <sr:CommandVariant>{variant}</sr:CommandVariant>
    <sr:ServiceReference>{reference}</sr:ServiceReference>
    <sr:ServiceReferenceVariant>{reference_variant}</sr:ServiceReferenceVariant>
  </sr:Header>
  <sr:Body>{body}</sr:Body>
  <ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:SignatureValue>AAAA</ds:SignatureValue></ds:Signature>
</sr:Request>
"""
_DEVICE = "00-00-5E-EF-10-00-00-A0"
_TEMPLATES = {
    "ECS52_11.2": (1, "11.2", "11.2", "<sr:ReadFirmwareVersion/>", _DEVICE),
    "ECS17b_4.1.1": (1, "4.1", "4.1.1", "<sr:ReadInstantaneousImportRegisters/>", _DEVICE),
    "ECS70_6.11": (4, "6.11", "6.11", "<sr:SynchroniseClock/>", _DEVICE),
    "CS06_11.3": (
        4,
        "11.3",
        "11.3",
        f"<sr:ActivateFirmware><sr:FirmwareHash>{'00' * 32}</sr:FirmwareHash></sr:ActivateFirmware>",
        _DEVICE,
    ),
    "8.2_READ_INVENTORY": (8, "8.2", "8.2", "<sr:ReadInventory/>", "90-B3-D5-1F-30-00-00-02"),
    "ECS26m_6.2.4": (3, "6.2", "6.2.4", "<sr:ReadDeviceConfigurationIdentityExcMPxN/>", _DEVICE),
    "ECS35b_6.13": (7, "6.13", "6.13", "<sr:ReadEventOrSecurityLog/>", _DEVICE),
}


@pytest.fixture(scope="session")
def pki() -> SyntheticPki:
    """The synthetic PKI."""
    return SyntheticPki()


@pytest.fixture(scope="session")
def credentials(pki: SyntheticPki) -> Credentials:
    """Its parties with their keys."""
    return synthetic_credentials(pki)


@pytest.fixture
def session(pki: SyntheticPki, credentials: Credentials) -> Callable[..., EmulatorSession]:
    """Opens sessions: device type, then fields of the behaviour that differ from a good device."""

    def open_(device_type: str = "ESME", **behaviour: object) -> EmulatorSession:
        chosen = Behaviour.model_validate(behaviour) if behaviour else None
        return EmulatorSession(device_type, behaviour=chosen, pki=pki, credentials=credentials)

    return open_


@pytest.fixture
def collector() -> Collector:
    """Takes what procedures find."""
    return Collector()


@pytest.fixture
def bench(session: Callable[..., EmulatorSession], collector: Collector) -> Callable[..., Bench]:
    """Opens benches, with the arguments of ``session``."""

    def open_(device_type: str = "ESME", **behaviour: object) -> Bench:
        return Bench(session(device_type, **behaviour), collector)

    return open_


@pytest.fixture(scope="session")
def procedures() -> dict[str, Procedure]:
    """The procedures of the shipped suites, by case id."""
    suites = packaged("suites")
    return {each.case: each for each in procedures_in(suites / "device", suites / "risk")}


@pytest.fixture(scope="session")
def template_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """DUIS request templates of our own making, in the shape that users have."""
    folder = tmp_path_factory.mktemp("templates")
    for name, (variant, reference, reference_variant, body, target) in _TEMPLATES.items():
        text = _REQUEST.format(
            target=target, variant=variant, reference=reference, reference_variant=reference_variant, body=body
        )
        (folder / f"{name}.XML").write_text(text, "utf-8")
    return folder


@pytest.fixture(scope="session")
def key_folders(tmp_path_factory: pytest.TempPathFactory, pki: SyntheticPki) -> tuple[Path, Path]:
    """Key stores: of the parties and devices, and of the XML signers."""
    parties, signers = tmp_path_factory.mktemp("keystore"), tmp_path_factory.mktemp("xml")
    pki.write(parties, private_keys=True)
    for name in _XML_SIGNERS:
        stem = f"{pki.entity(name).hex()}-ds"
        key = pki.private_key(name, "ds").private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (signers / f"{stem}.pem").write_text(write_pem("CERTIFICATE", pki.certificate(name, "ds").octets))
        (signers / f"{stem}.key").write_bytes(key)
    return parties, signers


@pytest.fixture
def stand_in(pki: SyntheticPki, credentials: Credentials) -> Iterator[BoxedStandIn]:
    """A stand-in for DCC Boxed in front of an emulated ESME."""
    now = Emulator("ESME", pki=pki).state.now
    server = BoxedStandIn(
        Emulator("ESME", pki=pki),
        credentials=credentials,
        xml_signers=KeyStore.of(
            [pki.certificate(name, "ds") for name in _XML_SIGNERS],
            [pki.private_key(name, "ds") for name in _XML_SIGNERS],
        ),
        dcc=pki.entity("dsp-xml-sign"),
        values={"ECS70": {"start": now - 60, "end": now + 60}, "CS06": {"image_hash": bytes(32)}},
    )
    server.start()
    yield server
    server.stop()


@pytest.fixture
def settings(
    stand_in: BoxedStandIn, template_folder: Path, key_folders: tuple[Path, Path], tmp_path: Path
) -> BoxedSettings:
    """Settings that lead to the stand-in, with little patience."""
    surface = Surface(host="127.0.0.1", port=stand_in.port, timeout_ms=500)
    return BoxedSettings(
        device="00005EEF100000A0",
        duis=surface,
        smki=surface,
        receive=Receive(port=0, timeout_ms=250),
        apikey="not-a-secret",  # type: ignore[arg-type]  # pydantic makes it a SecretStr
        keystore=key_folders[0],
        xml_signing_keystore=key_folders[1],
        templates=template_folder,
        state=tmp_path / "state",
    )


@pytest.fixture
def boxed(settings: BoxedSettings, stand_in: BoxedStandIn) -> Iterator[BoxedSession]:
    """A session through the stand-in."""
    with BoxedSession(settings) as opened:
        stand_in.receive_url = opened.receive_url
        opened.linger_ms = 40
        yield opened
