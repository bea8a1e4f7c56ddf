"""Revocation lists: each bad one is reported by exactly the named cases, and nothing hard rests on them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from trialconformance.core import ArtefactError, Severity
from trialconformance.smki import Certificate, der_writer
from trialconformance.smki.issue import SyntheticPki
from trialconformance.smki.lint import Judge
from trialconformance.smki.revocation import REVOCATION_LIST, ListInContext, RevocationList, list_body, sign_list


def _moment(text: str) -> datetime:
    return datetime.combine(date.fromisoformat(text), time(), tzinfo=UTC)


def _list(pki: SyntheticPki, row: dict[str, Any]) -> RevocationList:
    body = list_body(
        issuer=pki.authority("org-issuing"),
        this_update=_moment(row.get("this_update", "2018-05-01")),
        next_update=_moment(row.get("next_update", "2018-08-01")),
        serials=[pki.certificate(each, "ds").serial for each in row.get("lists", ())],
        number=row.get("number", 7),
    )
    key = pki.private_key("supplier", "ds") if row.get("sign") == "supplier" else pki.authority_key("org-issuing")
    return RevocationList.parse(sign_list(body, key) + bytes.fromhex(row.get("append", "")), name="list")


def _issuer(pki: SyntheticPki, name: str | None) -> Certificate | None:
    if name is None:
        return None
    return pki.certificate(name, "ds") if name == "supplier" else pki.authority(name)


def test_lists_are_judged_by_the_named_cases(
    pki: SyntheticPki, strict: Judge, cases_of: Callable[..., set[str]], data: Callable[[str], Any]
) -> None:
    """Each list of the corpus is reported by exactly the cases named for it, and none of them decides."""
    rows = data("lists.json")
    for row in rows:
        previous = {"number": row["previous"]} if "previous" in row else None
        subject = ListInContext(
            revocations=_list(pki, row),
            issuer=_issuer(pki, row.get("issuer", "org-issuing")),
            clock=None if "clock" in row else _moment("2018-06-01"),
            previous=None if previous is None else _list(pki, previous),
            certificates=(pki.certificate("supplier", "ds"), pki.certificate("esme", "ds")),
        )
        found = strict.judge(REVOCATION_LIST, subject)
        assert cases_of(found) == set(row["cases"]), row["title"]
        assert all(each.severity is Severity.SHOULD for each in found)


@pytest.mark.parametrize("octets", ["", "3000", "300730003000030100"])
def test_what_is_no_list_is_refused(octets: str) -> None:
    """Octets that are no revocation list are refused with their place."""
    with pytest.raises(ArtefactError, match="no revocation list"):
        RevocationList.parse(bytes.fromhex(octets), name="noise")


def test_a_list_may_say_very_little(pki: SyntheticPki) -> None:
    """A list of the first version without nextUpdate, entries and extensions is read."""
    name = pki.authority("org-issuing").subject.octets
    body = der_writer.sequence(
        der_writer.sequence(), name, der_writer.utc_time(_moment("2018-05-01")), der_writer.sequence()
    )
    read = RevocationList.parse(sign_list(body, pki.authority_key("org-issuing")))
    assert (read.next_update, read.number, read.entries) == (None, None, {})
    assert read.this_update == _moment("2018-05-01")
