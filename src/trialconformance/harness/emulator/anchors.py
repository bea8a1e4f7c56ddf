"""How a device judges a certificate for a cell: the chain to its root cell, and whether it belongs in that cell."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from enum import IntEnum
from functools import cache

from trialconformance.harness.emulator.cells import CellName
from trialconformance.harness.emulator.interface import Device
from trialconformance.harness.times import EPOCH
from trialconformance.smki import Certificate, KeyUsage, load_profile
from trialconformance.smki.corpus import load_corpus
from trialconformance.smki.lint import Judge
from trialconformance.smki.path import Anchor, Hierarchy
from trialconformance.smki.prediction import ChainJudge, predict
from trialconformance.smki.profile import PRODUCTION

__all__ = ["ROOT_CELL", "CellStatus", "status_of"]

ROOT_CELL = CellName.of(0, KeyUsage.KEY_CERT_SIGN)
_LOAD_CONTROLLER = 8  # its cells were seen to hold supplier certificates: the role is not compared


class CellStatus(IntEnum):
    """Outcome for one cell, values of RFC 5934 (domain notes on SMKI, 3.1)."""

    SUCCESS = 0
    BAD_CERTIFICATE = 5
    NO_TRUST_ANCHOR = 10
    TRUST_ANCHOR_NOT_FOUND = 25
    OTHER = 127


def status_of(
    device: Device,
    certificate: Certificate,
    path: Sequence[Certificate],
    cell: CellName,
    *,
    check_time: bool,
    authority: frozenset[int],
) -> int:
    """Judge a replacement certificate.

    Args:
        device: who judges.
        certificate: the replacement.
        path: path certificates of the command.
        cell: where it shall go.
        check_time: whether validity counts.
        authority: roles whose cells the sender may replace in this mode.

    Returns:
        A ``CellStatus``, or what a faulty device says in its place.
    """
    if cell not in device.state.cells:
        return CellStatus.TRUST_ANCHOR_NOT_FOUND
    skipped = device.behaviour.path_checks
    if cell.role not in authority and "authority" not in skipped:
        return CellStatus.OTHER
    if "issuer" not in skipped and not _is_anchored(device, certificate, path):
        return device.behaviour.unknown_issuer_status
    if "usage" not in skipped and not _belongs(certificate, cell):
        return CellStatus.BAD_CERTIFICATE
    wanted = check_time or "disapply" in skipped
    if wanted and "time" not in skipped and not all(_is_current(device, each) for each in (certificate, *path)):
        return CellStatus.BAD_CERTIFICATE
    # A good device is as strict as the certificate checks of this package; a faulty one has shown its fault by now.
    return CellStatus.SUCCESS if skipped else _strict_status(device, certificate, path, check_time=check_time)


def _strict_status(device: Device, certificate: Certificate, path: Sequence[Certificate], *, check_time: bool) -> int:
    root = device.state.cells.get(ROOT_CELL)
    anchors = [] if root is None else [Anchor.of(root, hierarchy=Hierarchy.ORGANISATION)]
    clock = EPOCH + timedelta(seconds=device.state.now) if check_time else None
    return predict(certificate, ChainJudge(tuple(path), anchors=anchors, judge=_judge(), clock=clock)).status


@cache
def _judge() -> Judge:
    """Judges as in production, with the policies of the synthetic PKI."""
    return Judge(load_profile(PRODUCTION).model_copy(update={"policies": load_corpus().policies}))


def _is_anchored(device: Device, certificate: Certificate, path: Sequence[Certificate]) -> bool:
    root = device.state.cells.get(ROOT_CELL)
    issuer = next((each for each in path if each.ski == certificate.aki), None)
    if root is None or issuer is None or not issuer.usage & KeyUsage.KEY_CERT_SIGN:
        return False
    skipped = device.behaviour.path_checks
    path_holds = "path-signature" in skipped or issuer.issued_by(root.point)
    leaf_holds = "leaf-signature" in skipped or certificate.issued_by(issuer.point)
    return path_holds and leaf_holds


def _belongs(certificate: Certificate, cell: CellName) -> bool:
    return certificate.usage == cell.usage and cell.role in {certificate.role, _LOAD_CONTROLLER}


def _is_current(device: Device, certificate: Certificate) -> bool:
    now = EPOCH + timedelta(seconds=device.state.now)
    if certificate.not_before is None or certificate.not_after is None:
        return False
    return certificate.not_before <= now <= certificate.not_after
