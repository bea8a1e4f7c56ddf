"""The Central Products List under a declared format, the trial flag on it, and the firmware image it speaks of."""

from __future__ import annotations

from trialconformance.cpl.change import ChangeManifest, Undo, apply_changes
from trialconformance.cpl.comparison import Comparison, Delivery
from trialconformance.cpl.crosscheck import CertificateFacts, DeviceReading
from trialconformance.cpl.document import Document, read_document
from trialconformance.cpl.files import read_file, read_sidecar
from trialconformance.cpl.image import Image, build_image, decode_image, is_p256
from trialconformance.cpl.profile import Profile, load_profile
from trialconformance.cpl.register import RegisterEntry, RegisterModel
from trialconformance.cpl.subjects import compare, missing, subjects
from trialconformance.cpl.writer import write_list

__all__ = [
    "CertificateFacts",
    "ChangeManifest",
    "Comparison",
    "Delivery",
    "DeviceReading",
    "Document",
    "Image",
    "Profile",
    "RegisterEntry",
    "RegisterModel",
    "Undo",
    "apply_changes",
    "build_image",
    "compare",
    "decode_image",
    "is_p256",
    "load_profile",
    "missing",
    "read_document",
    "read_file",
    "read_sidecar",
    "subjects",
    "write_list",
]
