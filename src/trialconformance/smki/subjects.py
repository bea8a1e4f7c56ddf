"""Everything the SMKI cases look at, gathered from a key store, requests, revocation lists and messages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import takewhile
from typing import Any

from trialconformance.core import ArtefactError
from trialconformance.smki import credentials
from trialconformance.smki.binding import (
    CERTIFICATE_USE,
    CREDENTIAL_MESSAGE,
    DEVICE_CERTIFICATE,
    REPLACEMENT,
    ROLE_USE,
    CertificateUse,
    CredentialMessage,
    DeviceCertificate,
    ReplacedCell,
    RoleUse,
)
from trialconformance.smki.certificate import Certificate
from trialconformance.smki.context import KEYSTORE_FILE, certificate_subjects
from trialconformance.smki.credentials import CarriedMessage
from trialconformance.smki.der import DerTree, Node
from trialconformance.smki.extension import KeyUsage
from trialconformance.smki.keystore import KeyStore
from trialconformance.smki.lint import Judge
from trialconformance.smki.path import Anchor, Hierarchy
from trialconformance.smki.prediction import ChainJudge, predict
from trialconformance.smki.profile import Profile
from trialconformance.smki.request import REQUEST, CertificateRequest, RequestInContext

__all__ = ["message_subjects", "subjects"]

_DS, _KA = KeyUsage.DIGITAL_SIGNATURE, KeyUsage.KEY_AGREEMENT
_FROM_DEVICES = frozenset({"response", "alert"})


def subjects(
    keystore: KeyStore,
    *,
    profile: Profile | None = None,
    clock: datetime | None = None,
    messages: Iterable[CarriedMessage] = (),
) -> dict[str, list[Any]]:
    """List what there is to judge.

    Args:
        keystore: the certificates.
        profile: where policies, anchors and the clock come from; without one there are none.
        clock: moment at which validity is judged, instead of the clock of the profile.
        messages: captured messages; what they say of certificates is judged beside the key store.

    Returns:
        Subjects by kind, each with ``name`` and ``octets``.
    """
    moment = clock or (None if profile is None else profile.clock)
    found = certificate_subjects(
        keystore.certificates,
        policies=None if profile is None else profile.policies,
        anchors=() if profile is None else profile.trusted(),
        clock=moment,
    )
    found[KEYSTORE_FILE] = list(keystore.files)
    return found | message_subjects(messages, keystore=keystore, profile=profile, clock=moment)


def message_subjects(
    messages: Iterable[CarriedMessage],
    *,
    keystore: KeyStore,
    profile: Profile | None = None,
    clock: datetime | None = None,
) -> dict[str, list[Any]]:
    """List what messages say of certificates.

    Args:
        messages: captured messages; signed pre-commands are left out, since the Command says the same.
        keystore: the certificates of the parties.
        profile: where the roots come from that devices trust; without one no status is predicted.
        clock: moment at which validity is judged, None to leave time out.

    Returns:
        Subjects by kind.
    """
    captured = [each for each in messages if each.kind != "precommand"]
    gathering = _Gathering(captured, keystore=keystore, profile=profile, clock=clock)
    return {
        CERTIFICATE_USE: [use for each in captured for use in gathering.uses(each)],
        CREDENTIAL_MESSAGE: [gathering.credential_message(each) for each in captured if each.carries_credentials],
        ROLE_USE: [use for each in captured for use in gathering.roles(each)],
        REPLACEMENT: [cell for each in captured for cell in gathering.cells(each)],
        DEVICE_CERTIFICATE: [sent for each in captured for sent in gathering.device_certificates(each)],
        REQUEST: list(gathering.requests),
    }


class _Partners:
    """Finds the Response to a Command, or the Command of a Response, inside one scenario: the folder of a capture.

    Captures of several attempts may share a counter; the partner is then the one whose name is most alike.
    """

    def __init__(self, messages: Iterable[CarriedMessage]) -> None:
        self._known: dict[tuple[object, str], list[CarriedMessage]] = {}
        for each in messages:
            self._known.setdefault(_exchange(each), []).append(each)

    def of(self, message: CarriedMessage) -> CarriedMessage | None:
        """The partner of a message, None where it has none."""
        return max(
            self._known.get(_exchange(message), ()),
            key=lambda other: _alike(message.name, other.name),
            default=None,
        )


class _Gathering:
    """One reading of a group of messages; each payload is walked once."""

    def __init__(
        self,
        messages: list[CarriedMessage],
        *,
        keystore: KeyStore,
        profile: Profile | None,
        clock: datetime | None,
    ) -> None:
        self.keystore = keystore
        self.clock = clock
        self.judge = None if profile is None else Judge(profile)
        self.roots: tuple[Anchor, ...] = ()
        if profile is not None:
            # What a device trusts is the root of the organisations; an issuing CA is never in a cell of its own.
            self.roots = tuple(
                each for each in profile.trusted() if each.is_root and each.hierarchy is not Hierarchy.DEVICE
            )
        self.trees = {id(each): credentials.walk_payload(each) for each in messages if _is_read(each)}
        self.responses = _Partners(each for each in messages if each.kind == "response")
        self.commands = _Partners(each for each in messages if each.kind == "command")
        self.requests = tuple(self._requests(messages))
        self.pending: dict[tuple[bytes, KeyUsage], set[bytes]] = {}
        for each in self.requests:
            if each.device is not None:
                self.pending.setdefault((each.device, each.request.usage), set()).add(each.request.point)

    def tree(self, message: CarriedMessage) -> DerTree:
        """The payload of a message that this gathering reads."""
        return self.trees[id(message)]

    def uses(self, message: CarriedMessage) -> Iterator[CertificateUse]:
        """Certificates that protect a message, and those that it carries for others."""
        if message.signed:
            yield from self._held(message, message.originator, _DS, _KA)
        if message.maced:
            device = message.originator if message.kind in _FROM_DEVICES else message.target
            yield from self._held(message, device, _KA, _DS)
        if message.certificate is not None and message.requester is not None:
            place = message.certificate
            certificate = _read(message.octets[place.start : place.end], f"{message.name}/certificate")
            if certificate is not None:
                yield CertificateUse(
                    message=message, certificate=certificate, entity=message.requester, purpose=_KA, place=place
                )
        if message.kind == "command" and message.message_code in credentials.JOIN_CODES:
            yield from self._joined(message)

    def _held(
        self,
        message: CarriedMessage,
        entity: bytes,
        usage: KeyUsage,
        otherwise: KeyUsage,
    ) -> Iterator[CertificateUse]:
        """The certificate of the key store for a usage; one for the other usage where a party has no better one."""
        certificate = self.keystore.certificate(entity, usage) or self.keystore.certificate(entity, otherwise)
        if certificate is not None:
            yield CertificateUse(message=message, certificate=certificate, entity=entity, purpose=usage)

    def _joined(self, message: CarriedMessage) -> Iterator[CertificateUse]:
        found = credentials.read_join(self.tree(message))
        if found is not None:
            entity, node = found
            place = node.span("payload.certificate")
            certificate = _embedded(message, node, "payload.certificate")
            if certificate is not None:
                yield CertificateUse(message=message, certificate=certificate, entity=entity, purpose=_KA, place=place)

    def roles(self, message: CarriedMessage) -> Iterator[RoleUse]:
        """Certificates in places that are for certain roles: the originator of a Command, the cells it fills."""
        if message.kind != "command":
            return
        held = self.keystore.certificate(message.originator, _DS) or self.keystore.certificate(message.originator, _KA)
        if message.roles is not None and held is not None and held.role is not None:
            yield RoleUse(message=message, certificate=held, permitted=message.roles)
        command = _replacement(message, self.tree(message)) if credentials.is_replacement(message) else None
        for index, each in enumerate(command.replacements if command is not None else ()):
            certificate = _embedded(message, each.certificate, f"replacements[{index}]")
            if certificate is not None:
                yield RoleUse(
                    message=message,
                    certificate=certificate,
                    permitted=frozenset({each.cell.role}),
                    role=each.cell.role,
                    place=each.place,
                )

    def credential_message(self, message: CarriedMessage) -> CredentialMessage:
        """A message that manages credentials, as a whole."""
        tree = self.tree(message)
        command = _replacement(message, tree)
        return CredentialMessage(
            message=message,
            lengths=credentials.length_faults(tree),
            disapplied=None if command is None else command.disapplied,
        )

    def cells(self, message: CarriedMessage) -> Iterator[ReplacedCell]:
        """The cells that a Command fills, each with what the device said of it."""
        command = _replacement(message, self.tree(message)) if credentials.is_replacement(message) else None
        if command is None:
            return
        response = self.responses.of(message)
        outcomes = credentials.read_outcome(self.tree(response)) if response is not None else ()
        path = [_embedded(message, node, f"path[{at}]") for at, node in enumerate(command.path)]
        clock = None if command.disapplied is not None else self.clock
        judge = None
        if self.judge is not None and self.roots and outcomes:
            offered = tuple(each for each in path if each is not None)
            judge = ChainJudge(offered, anchors=self.roots, judge=self.judge, clock=clock)
        for index, each in enumerate(command.replacements):
            certificate = _embedded(message, each.certificate, f"replacements[{index}]")
            outcome = outcomes[index] if len(outcomes) == len(command.replacements) else None
            predicted = None if judge is None or outcome is None else predict(certificate, judge)
            yield ReplacedCell(
                message=message,
                response=response if outcome is not None else None,
                certificate=certificate,
                cell=each.cell,
                place=each.place,
                outcome=outcome,
                predicted=predicted,
            )

    def device_certificates(self, message: CarriedMessage) -> Iterator[DeviceCertificate]:
        """The Device Certificates that are put on a device or read from it."""
        installs = message.kind == "command" and message.message_code == credentials.CERTIFICATE_CODE
        gives = message.kind == "response" and message.message_code == credentials.RETRIEVAL_CODE
        if not installs and not gives:
            return
        node = self.tree(message).root
        certificate = None if node is None else _embedded(message, node, "certificate")
        if node is None or certificate is None:
            return
        other = (self.responses if installs else self.commands).of(message)
        device = message.target if installs else message.originator
        yield DeviceCertificate(
            message=message,
            certificate=certificate,
            device=device,
            place=node.span("payload.certificate"),
            asked=credentials.read_usage(self.tree(other)) if gives and other is not None else None,
            pending=frozenset(self.pending.get((device, certificate.usage), ())) if installs else frozenset(),
            installs=installs,
            response=other if installs else None,
            code=credentials.read_code(self.tree(other)) if installs and other is not None else None,
        )

    def _requests(self, messages: list[CarriedMessage]) -> Iterator[RequestInContext]:
        """The certificate signing requests with which devices answer CS02c."""
        for each in messages:
            if each.kind != "response" or each.message_code != credentials.REQUEST_CODE:
                continue
            place = each.payload
            try:
                request = CertificateRequest.parse(each.octets, name=each.name, start=place.start, end=place.end)
            except ArtefactError:
                continue  # an answer with a code; what else it may be is the matter of the GBCS cases
            command = self.commands.of(each)
            yield RequestInContext(
                request=request,
                device=each.originator,
                asked=credentials.read_usage(self.tree(command)) if command is not None else None,
                certificates=self.keystore.certificates,
            )


def _alike(one: str, other: str) -> int:
    """Characters that two names share at their start."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))


def _exchange(message: CarriedMessage) -> tuple[object, str]:
    return message.answers, message.name.rpartition("/")[0]


def _is_read(message: CarriedMessage) -> bool:
    return message.carries_credentials or message.message_code in credentials.JOIN_CODES


def _replacement(message: CarriedMessage, tree: DerTree) -> credentials.ReplacementCommand | None:
    if message.kind != "command" or not credentials.is_replacement(message):
        return None
    return credentials.read_replacement(tree)


def _embedded(message: CarriedMessage, node: Node, path: str) -> Certificate | None:
    return _read(message.octets[node.start : node.end], f"{message.name}/{path}")


def _read(octets: bytes, name: str) -> Certificate | None:
    try:
        return Certificate.parse(octets, name=name)
    except ArtefactError:
        return None
