"""DCC Boxed: DUIS requests out, device responses in. Written from public facts; never tried against a real one."""

from __future__ import annotations

from trialconformance.harness.dccboxed.duis import COMMAND_VARIANTS, RequestId, build_request, route_of
from trialconformance.harness.dccboxed.errors import BoxedError
from trialconformance.harness.dccboxed.response import CodeClass, DuisResponse
from trialconformance.harness.dccboxed.schema import DuisSchema
from trialconformance.harness.dccboxed.session import BoxedSession
from trialconformance.harness.dccboxed.settings import BoxedSettings, read_settings
from trialconformance.harness.dccboxed.signature import SignatureCheck, SignatureStatus, Signer, sign, verify
from trialconformance.harness.dccboxed.templates import Template, TemplateFolder

__all__ = [
    "COMMAND_VARIANTS",
    "BoxedError",
    "BoxedSession",
    "BoxedSettings",
    "CodeClass",
    "DuisResponse",
    "DuisSchema",
    "RequestId",
    "SignatureCheck",
    "SignatureStatus",
    "Signer",
    "Template",
    "TemplateFolder",
    "build_request",
    "read_settings",
    "route_of",
    "sign",
    "verify",
]
