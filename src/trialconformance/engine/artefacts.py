"""The artefacts of a run: each is read and decoded once in a process, when the first case asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, time
from functools import cached_property
from pathlib import Path
from typing import Any

from trialconformance import cpl, gbcs, smki, trial
from trialconformance.core import ArtefactError, UsageError, read_data, sha256_hex
from trialconformance.cpl import Document
from trialconformance.cpl.files import read_sidecar
from trialconformance.cpl.profile import PROFILE, profile_of
from trialconformance.engine.credentials import carried_messages
from trialconformance.engine.device_readings import device_readings
from trialconformance.engine.files import InputFile, InputFiles
from trialconformance.engine.inputs import Extensions, Inputs
from trialconformance.engine.waivers import Waiver, read_waivers
from trialconformance.smki import KeyStore
from trialconformance.smki.issue import SyntheticPki
from trialconformance.trial import Policy

__all__ = ["Artefacts"]


class Artefacts:
    """What there is to judge, loaded lazily and once.

    Args:
        inputs: where everything is.
        extensions: what plugins add.
    """

    def __init__(self, inputs: Inputs, extensions: Extensions | None = None) -> None:
        self.inputs = inputs
        self.extensions = extensions or Extensions()
        self._kinds: dict[str, Mapping[str, Sequence[Any]]] = {}

    def subjects(self, domain: str, kind: str) -> Sequence[Any]:
        """List the subjects of a kind; those of the asking domain come before those of plugins.

        Args:
            domain: domain of the case that asks.
            kind: kind of subject, for example ``gbcs-message``.

        Returns:
            The subjects, none where the run was given no such artefact.

        Raises:
            UsageError: an artefact cannot be read.
        """
        for loader in (domain, *_LOADERS, _PLUGINS):
            found = self._loaded(loader)
            if kind in found:
                return found[kind]
        return ()

    def missing(self, kind: str) -> str | None:
        """Why a kind that ought to be judged cannot be: something was not given.

        Args:
            kind: kind of subject.

        Returns:
            What is wanted, None where nothing is.
        """
        return self._missing.get(kind)

    @cached_property
    def _missing(self) -> Mapping[str, str]:
        return {} if self.cpl_comparison is None else cpl.missing(self.cpl_comparison)

    def load(self) -> None:
        """Read everything now, so that bad input is told before anything is judged.

        Raises:
            UsageError: an artefact cannot be read.
        """
        for loader in (*_LOADERS, _PLUGINS):
            self._loaded(loader)
        _ = (self.waivers, self.files)

    def octets(self, name: str) -> bytes | None:
        """Octets that findings about an input count from, None where there is none of that name.

        Args:
            name: name of the input. A message or certificate that lies in a file as text is what the text stands for.
        """
        return self._decoded.get(name) or self.files.get(name)

    @cached_property
    def _decoded(self) -> Mapping[str, bytes]:
        found = {capture.name: capture.octets for capture in self.captures}
        if self.keystore is not None:
            found |= {certificate.name: certificate.octets for certificate in self.keystore.certificates}
        return found

    @property
    def digests(self) -> Mapping[str, str]:
        """SHA-256 of every input by its name."""
        return self.files.digests

    @cached_property
    def files(self) -> InputFiles:
        """The inputs by name."""
        return InputFiles([*self.inputs.files, *self._sidecars()])

    def _sidecars(self) -> Iterator[InputFile]:
        """The published digests that lie beside the lists."""
        for path in (self.inputs.cpl_before, self.inputs.cpl_after):
            if path is not None:
                sidecar = path.with_name(path.name + self.cpl_profile.integrity.sidecar_suffix)
                if sidecar.is_file():
                    role = "cpl-digest"
                    yield InputFile(role=role, name=self._name(sidecar, role), path=sidecar)

    @cached_property
    def keystore(self) -> KeyStore | None:
        """Certificates and test keys, None where the run was given none."""
        if self.extensions.keystore is not None:
            return self.extensions.keystore
        folder = self.inputs.keystore
        if folder is None:
            return None
        store = KeyStore.read(folder, name_of=self._names("certificate", folder))
        if not self.inputs.synthetic_keys:
            return store
        return store.with_private_keys(SyntheticPki().private_keys_of(store.certificates))

    @cached_property
    def captures(self) -> tuple[gbcs.Capture, ...]:
        """The captured messages, readable or not."""
        return tuple(
            capture
            for path in self.inputs.captures
            for capture in gbcs.read_captures(path, name_of=self._names("capture", path))
        )

    @cached_property
    def cpl_profile(self) -> cpl.Profile:
        """The format profile that the CPL is judged under."""
        return profile_of(self._cpl_profile_octets, where=str(self._cpl_profile_file or PROFILE))

    @property
    def _cpl_profile_file(self) -> Path | None:
        return self.extensions.cpl_profile or self.inputs.cpl_profile

    @cached_property
    def _cpl_profile_octets(self) -> bytes:
        return read_data("trialconformance.cpl", f"data/profiles/{PROFILE}.json", override=self._cpl_profile_file)

    @cached_property
    def smki_profile(self) -> smki.Profile:
        """The profile that certificates are judged under."""
        chosen = self.inputs.smki_profile
        if isinstance(chosen, Path):
            return smki.load_profile(file=chosen)
        return smki.load_profile() if chosen is None else smki.load_profile(chosen)

    @cached_property
    def cpl_before(self) -> Document | None:
        """The list before the change."""
        return self._list(self.inputs.cpl_before, "cpl-before")

    @cached_property
    def cpl_after(self) -> Document | None:
        """The list after the change."""
        return self._list(self.inputs.cpl_after, "cpl-after")

    @cached_property
    def image(self) -> cpl.Image | None:
        """The firmware image."""
        path = self.inputs.image
        return None if path is None else cpl.decode_image(self._content(path, "image"), name=self._name(path, "image"))

    @cached_property
    def cpl_comparison(self) -> cpl.Comparison | None:
        """The two lists side by side, None where the run was given none.

        Raises:
            UsageError: one of them is missing.
        """
        before, after = self.cpl_before, self.cpl_after
        if before is None and after is None:
            return None
        if before is None or after is None:
            raise UsageError(
                "a list can only be judged beside the other",
                where="cpl_after" if after is None else "cpl_before",
                accepted="both lists or neither",
            )
        changes = self.inputs.cpl_changes
        return cpl.compare(
            before=before,
            after=after,
            register=self.registered_trials,
            changes=None
            if changes is None
            else cpl.ChangeManifest.from_json(self._content(changes, "cpl-changes"), where=str(changes)),
            as_of=self.inputs.as_of,
            images=() if self.image is None else (self.image,),
            readings=self.device_readings,
            certificates=self.certificate_facts,
            delivery=cpl.Delivery(
                before_sha256=self._published(self.inputs.cpl_before),
                after_sha256=self._published(self.inputs.cpl_after),
            ),
        )

    @cached_property
    def device_readings(self) -> tuple[cpl.DeviceReading, ...]:
        """What the device under test says of itself in its captures."""
        submission = self.inputs.submission
        devices = () if submission is None else submission.devices
        types = {each.eui64: each.type for each in devices if each.role == "under-test"}
        return device_readings(self.captures, types)

    @property
    def certificate_facts(self) -> tuple[cpl.CertificateFacts, ...]:
        """What the Zigbee and DLMS certificates of the submission say, for the entries that name them."""
        submission = self.inputs.submission
        if submission is None:
            return ()
        return tuple(
            cpl.CertificateFacts(
                name=f"{each.kind} certificate {each.reference}",
                kind=each.kind,
                reference=each.reference,
                model=each.model_id,
                hardware=each.hardware,
                firmware=each.firmware,
                mapping={} if each.mapping is None else {each.firmware: submission.device.firmware},
            )
            for each in submission.certificates
        )

    @cached_property
    def registered_trials(self) -> tuple[cpl.RegisterEntry, ...] | None:
        """The trials that the register holds, None where there is no register that can be believed."""
        submission = self.inputs.submission
        if submission is None:
            return None
        try:
            register = trial.read_register_of(submission)
        except ArtefactError:
            return None  # a register that cannot be believed is reported by TRIAL-TR-08
        return None if register is None else trial.registered_trials(register)

    @cached_property
    def policy(self) -> Policy:
        """The limits that hold, and which assumed cases fail all the same."""
        submission = self.inputs.submission
        return trial.load_policy() if submission is None else submission.read_policy()

    @cached_property
    def waivers(self) -> tuple[Waiver, ...]:
        """The waivers."""
        path = self.inputs.waivers
        return () if path is None else read_waivers(self._content(path, "waivers"), where=self.waivers_name)

    @property
    def waivers_name(self) -> str:
        """Name of the file that holds the waivers, empty where there is none."""
        path = self.inputs.waivers
        return "" if path is None else self._name(path, "waivers")

    @cached_property
    def settings(self) -> Mapping[str, bytes]:
        """The data that steers a verdict, by name: policy, profiles and waivers."""
        found = {
            f"cpl-profile {self.cpl_profile.profile_id}": self._cpl_profile_octets,
            f"policy {self.policy.id}": self.policy.octets,
            f"smki-profile {self.smki_profile.name}": self.smki_profile.octets,
        }
        if self.inputs.waivers is not None:
            found["waivers"] = self._content(self.inputs.waivers, "waivers")
        return found

    @property
    def setting_digests(self) -> dict[str, str]:
        """SHA-256 of the data that steers a verdict, by name."""
        return {name: sha256_hex(octets) for name, octets in self.settings.items()}

    def _loaded(self, loader: str) -> Mapping[str, Sequence[Any]]:
        if loader not in self._kinds:
            load = _LOADERS.get(loader)
            self._kinds[loader] = self._of_plugins() if loader == _PLUGINS else load(self) if load else {}
        return self._kinds[loader]

    def _of_plugins(self) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = {}
        for load in self.extensions.loaders:
            for kind, subjects in load(self.inputs).items():
                found.setdefault(kind, []).extend(subjects)
        return found

    def _names(self, role: str, given: Path) -> Callable[[Path], str]:
        return lambda path: self.inputs.name_of(path, role=role, given=given)

    def _content(self, path: Path, role: str) -> bytes:
        return self.files[self._name(path, role)]

    def _name(self, path: Path, role: str) -> str:
        return self.inputs.name_of(path, role=role, given=path)

    def _list(self, path: Path | None, role: str) -> Document | None:
        if path is None:
            return None
        return cpl.read_document(self._content(path, role), profile=self.cpl_profile, name=self._name(path, role))

    def _published(self, path: Path | None) -> str | None:
        return None if path is None else read_sidecar(path, profile=self.cpl_profile)


def _gbcs(artefacts: Artefacts) -> Mapping[str, Sequence[Any]]:
    if not artefacts.captures:
        return {}
    submission = artefacts.inputs.submission
    devices = () if submission is None else submission.devices
    return gbcs.subjects(
        artefacts.captures,
        keystore=artefacts.keystore,
        acb=artefacts.inputs.acb,
        claims=artefacts.inputs.claims,
        device_types={each.eui64: each.type for each in devices},
        under_test=[each.eui64 for each in devices if each.role == "under-test"],
        image=None if artefacts.image is None else artefacts.image.octets,
    )


def _smki(artefacts: Artefacts) -> Mapping[str, Sequence[Any]]:
    if artefacts.keystore is None:
        return {}
    clock = datetime.combine(artefacts.inputs.as_of, time(), UTC)
    return smki.subjects(
        artefacts.keystore,
        profile=artefacts.smki_profile,
        clock=clock,
        messages=carried_messages(artefacts.captures),
    )


def _cpl(artefacts: Artefacts) -> Mapping[str, Sequence[Any]]:
    comparison = artefacts.cpl_comparison
    return {} if comparison is None else cpl.subjects(comparison)


def _trial(artefacts: Artefacts) -> Mapping[str, Sequence[Any]]:
    submission = artefacts.inputs.submission
    if submission is None:
        return {}
    return trial.subjects(
        submission,
        policy=artefacts.policy,
        before=artefacts.cpl_before,
        after=artefacts.cpl_after,
        comparison=artefacts.cpl_comparison,
        as_of=artefacts.inputs.as_of,
    )


_LOADERS: Mapping[str, Callable[[Artefacts], Mapping[str, Sequence[Any]]]] = {
    "gbcs": _gbcs,
    "smki": _smki,
    "cpl": _cpl,
    "trial": _trial,
}
_PLUGINS = "plugins"
