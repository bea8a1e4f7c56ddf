"""What a DLMS Command of each use case asks for, in which order: the request templates as data."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from trialconformance.gbcs.data_file import DataFile, Row

__all__ = ["RequestTemplate", "RequestTemplates"]

# Choice of the access service, COSEM class, OBIS code in hex, attribute or method.
_Descriptor = Annotated[str, Field(pattern=r"^[1-5]:\d+/[0-9a-f]{12}/-?\d+$")]


class RequestTemplate(Row):
    """The requests of one Message Code.

    Args:
        message_code: the code as ``0x`` and four upper-case hex digits.
        use_case: GBCS use case.
        requests: every sequence of descriptors that its Commands may hold.
    """

    message_code: Annotated[str, Field(pattern=r"^0x[0-9A-F]{4}$")]
    use_case: str
    requests: tuple[tuple[_Descriptor, ...], ...]


class RequestTemplates(DataFile):
    """The templates.

    Args:
        schema_id: version of the file format.
        gbcs: GBCS versions the facts are of.
        templates: one for each Message Code whose requests are known.
    """

    file: ClassVar = "request_templates.json"

    schema_id: Literal["gbcs-request-templates/1"]
    gbcs: str
    templates: tuple[RequestTemplate, ...]

    @cached_property
    def _by_code(self) -> dict[int, RequestTemplate]:
        return {int(each.message_code, 16): each for each in self.templates}

    def requests(self, message_code: int) -> tuple[tuple[str, ...], ...]:
        """The sequences a Command may hold; empty where they are not known."""
        template = self._by_code.get(message_code)
        return () if template is None else template.requests
