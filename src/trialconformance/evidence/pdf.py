"""The report as PDF, through the extra ``pdf`` (WeasyPrint): the same page, laid out for paper."""

from __future__ import annotations

from importlib import import_module

from trialconformance.core import InternalError, UsageError

__all__ = ["to_pdf"]


def to_pdf(page: str) -> bytes:
    """Lay out a report for paper.

    Args:
        page: the report as HTML.

    Returns:
        The PDF.

    Raises:
        UsageError: the extra is not installed.
        InternalError: the page asks for something from outside, which a report never does.
    """
    try:
        weasyprint = import_module("weasyprint")
    except (ImportError, OSError) as error:  # OSError: Pango is missing
        raise UsageError(
            f"PDF needs the extra: {error}", where="--format pdf", accepted="pip install 'trialconformance[pdf]'"
        ) from error
    written: bytes = weasyprint.HTML(string=page, url_fetcher=_refuse).write_pdf()
    return written


def _refuse(url: str, *_: object, **__: object) -> dict[str, object]:
    raise InternalError(f"a report asked for {url}")
