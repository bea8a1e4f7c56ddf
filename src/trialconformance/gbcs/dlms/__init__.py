"""DLMS payloads: A-XDR data and the access service, both ways."""

from __future__ import annotations

from trialconformance.gbcs.dlms.access import (
    AccessRequest,
    AccessResponse,
    AccessResult,
    Apdu,
    DataNotification,
    Specification,
    long_invoke_id,
    read_apdu,
)
from trialconformance.gbcs.dlms.data import BitString, CompactArray, Data, Tag, TypeDescription
from trialconformance.gbcs.dlms.data_protection import (
    encrypted_units,
    protected_attributes,
    protection_parameters,
    protection_parameters_data,
)
from trialconformance.gbcs.dlms.describe import describe, describe_data
from trialconformance.gbcs.dlms.moment import NEVER, NOW, date_time_octets, date_time_text, read_date_time
from trialconformance.gbcs.dlms.names import CosemNames, obis_text
from trialconformance.gbcs.dlms.reader import read_data
from trialconformance.gbcs.dlms.writer import write_data

__all__ = [
    "NEVER",
    "NOW",
    "AccessRequest",
    "AccessResponse",
    "AccessResult",
    "Apdu",
    "BitString",
    "CompactArray",
    "CosemNames",
    "Data",
    "DataNotification",
    "Specification",
    "Tag",
    "TypeDescription",
    "date_time_octets",
    "date_time_text",
    "describe",
    "describe_data",
    "encrypted_units",
    "long_invoke_id",
    "obis_text",
    "protected_attributes",
    "protection_parameters",
    "protection_parameters_data",
    "read_apdu",
    "read_data",
    "read_date_time",
    "write_data",
]
