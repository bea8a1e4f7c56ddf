"""The verdict on a list, and the pages that show it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from trialconformance import cpl
from trialconformance.core import ExitCode, sha256_hex
from trialconformance.cpl.comparison import Comparison
from trialconformance.cpl.diff import diff
from trialconformance.cpl.html import check_page, diff_page
from trialconformance.cpl.report import LoadVerdict, Report, judge

Compare = Callable[..., Comparison]


@pytest.fixture
def delivered(before_octets: bytes, after_octets: bytes) -> cpl.Delivery:
    """Both published digests of the vector."""
    return cpl.Delivery(before_sha256=sha256_hex(before_octets), after_sha256=sha256_hex(after_octets))


def test_the_vector_loads_under_an_assumed_format(compare: Compare, delivered: cpl.Delivery) -> None:
    """The vector with its digests loads, and the statement claims no more than the profile allows."""
    report = judge(compare(delivery=delivered))
    assert report.verdict is LoadVerdict.LOAD
    assert report.exit_code is ExitCode.PASS
    assert report.statement == "pass (assumed format): format-invariant under profile cpl-assumed-1 (ASSUMED)"
    assert report.after.sha256 == "f7fb793613edb442e2f19d3554a5efd6c0fe6d243fd22693aaa81fd1d8942e89"
    assert report.trials == {"TRIAL-2022-0007-49": ("5",)}
    assert sum(count for name, count in report.accounting.items() if name != "total") == report.accounting["total"]


def test_a_confirmed_profile_lifts_the_cap(compare: Compare, delivered: cpl.Delivery, profile: cpl.Profile) -> None:
    """Under a confirmed profile a pass is a pass."""
    report = judge(compare(delivery=delivered, under=profile.model_copy(update={"status": "CONFIRMED"})))
    assert report.statement.startswith("pass: ")


def test_a_skipped_blocking_check_is_never_a_pass(compare: Compare) -> None:
    """Without published digests the verdict is inconclusive and says what is missing."""
    report = judge(compare())
    assert report.verdict is LoadVerdict.INCONCLUSIVE
    assert report.exit_code is ExitCode.INCONCLUSIVE
    (row,) = [row for row in report.objections if row.id == "CPL-FI-080"]
    assert "no published digest of before.csv and after.csv" in row.reason


def test_a_signed_list_without_its_signature_is_inconclusive(
    compare: Compare, delivered: cpl.Delivery, profile: cpl.Profile
) -> None:
    """Where the profile says the list is signed, missing signatures are not passed over."""
    integrity = profile.integrity.model_copy(update={"signature": "ed25519"})
    report = judge(compare(delivery=delivered, under=profile.model_copy(update={"integrity": integrity})))
    assert report.verdict is LoadVerdict.INCONCLUSIVE
    assert [row.id for row in report.objections if not row.findings] == ["CPL-FI-081"]


def test_a_register_without_a_day_is_inconclusive(compare: Compare, delivered: cpl.Delivery) -> None:
    """A register can only be judged at a date."""
    report = judge(compare(delivery=delivered, register=()))
    assert report.verdict is LoadVerdict.INCONCLUSIVE
    assert "give one" in next(row for row in report.checks if row.id == "CPL-TD-06").reason


def test_a_broken_list_does_not_load_and_shows_its_octets(compare: Compare, after_octets: bytes) -> None:
    """Each objection has line, column, offset, what was expected, what was seen, and the octets around it."""
    report = judge(compare(after_octets.replace(b"00000B01", b"0000B01")))
    assert report.verdict is LoadVerdict.DO_NOT_LOAD
    assert report.exit_code is ExitCode.FAIL
    place = next(row for row in report.checks if row.id == "CPL-FI-037").findings[0]
    assert (place.line, place.column, place.column_name, place.offset, place.length) == (
        6,
        9,
        "FirmwareVersion",
        1129,
        7,
    )
    assert (place.expected, place.seen) == ("8 upper-case hex digits", "'0000B01'")
    assert place.excerpt is not None
    assert "30303030423031" in place.excerpt.octets
    assert report.statement.startswith("3 blocking checks objected")


def test_the_report_is_json_of_its_schema(compare: Compare, delivered: cpl.Delivery) -> None:
    """The JSON reads back to the same report and is the same octets each time."""
    report = judge(compare(delivery=delivered))
    assert Report.model_validate_json(report.to_json()) == report
    assert judge(compare(delivery=delivered)).to_json() == report.to_json()


def _sign(key: Any, octets: bytes) -> bytes:
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(octets, ec.ECDSA(hashes.SHA256()))
    signed: bytes = key.sign(octets)
    return signed


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [
        ("ed25519", ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32))),
        ("ecdsa-p256-sha256", ec.derive_private_key(7, ec.SECP256R1())),
    ],
)
def test_signatures_are_verified_over_exact_octets(
    compare: Compare,
    delivered: cpl.Delivery,
    profile: cpl.Profile,
    algorithm: str,
    key: Any,
) -> None:
    """A signed list loads; with a signature over other octets or a key of another kind it does not."""
    lists = compare()
    integrity = profile.integrity.model_copy(update={"signature": algorithm})
    under = profile.model_copy(update={"integrity": integrity})
    good = replace(
        delivered,
        before_signature=_sign(key, lists.before.octets),
        after_signature=_sign(key, lists.after.octets),
        public_key=key.public_key(),
    )
    assert judge(compare(under=under, delivery=good)).verdict is LoadVerdict.LOAD
    stale = replace(good, after_signature=_sign(key, lists.after.octets[:-1]))
    assert judge(compare(under=under, delivery=stale)).verdict is LoadVerdict.DO_NOT_LOAD
    other = ec.derive_private_key(7, ec.SECP256R1()).public_key()
    if algorithm == "ed25519":
        assert judge(compare(under=under, delivery=replace(good, public_key=other))).verdict is LoadVerdict.DO_NOT_LOAD


def test_undeclared_changes_are_not_taken_for_the_trial(
    compare: Compare, before_octets: bytes, after_octets: bytes
) -> None:
    """Without a manifest an ordinary new record, or a change of an ordinary one, is undeclared."""
    ordinary = after_octets.replace(b"TRIAL-2022-0007-49", b"EXAMPLE-CPA-0302")
    assert judge(compare(ordinary)).verdict is LoadVerdict.DO_NOT_LOAD
    expired = before_octets.replace(b"1,Active,ESME", b"1,Expired,ESME")
    rows = judge(compare(expired)).objections
    assert {"CPL-FI-060", "CPL-FI-062"} <= {row.id for row in rows}


def test_a_trial_may_be_extended_in_place(compare: Compare, after_octets: bytes) -> None:
    """A later expiry of a trial entry is a change of that trial, declared or not."""
    extended = after_octets.replace(b"30/09/2023", b"31/03/2024")
    comparison = compare(extended, after_octets)
    assert comparison.declared == {"5"}
    assert {row.id for row in judge(comparison).objections} == {"CPL-FI-080"}


def test_a_trial_becomes_certified_in_place(compare: Compare, after_octets: bytes) -> None:
    """The reference and the expiry of a certificate in place of the trial's are allowed; the reference alone is not."""
    certified = after_octets.replace(b"TRIAL-2022-0007-49,30/09/2023", b"EXAMPLE-CPA-0302,30/09/2028")
    assert {row.id for row in judge(compare(certified, after_octets)).objections} == {"CPL-FI-080"}
    half = after_octets.replace(b"TRIAL-2022-0007-49", b"EXAMPLE-CPA-0302")
    assert "CPL-TD-13" in {row.id for row in judge(compare(half, after_octets)).objections}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [value for name, value in attrs if name in {"src", "href"} and value]
        self.links += [tag] if tag in {"script", "link", "iframe"} else []

    def handle_data(self, data: str) -> None:
        self.text += data


def test_pages_are_self_contained_and_escape_what_they_show(compare: Compare, after_octets: bytes) -> None:
    """Both pages load nothing, run nothing, and show markup in a field as text."""
    comparison = compare(after_octets.replace(b"Sample Switches plc,0302", b"<script>alert(1)</script>,0302"))
    report, difference = judge(comparison), diff(comparison)
    for page in (check_page(report, difference), diff_page(difference)):
        reader = _Reader()
        reader.feed(page.decode())
        assert not reader.links
        assert "<script>alert(1)</script>" in reader.text
    assert "<h1>Inconclusive</h1>" in check_page(report, difference).decode()
    assert check_page(report, difference) == check_page(report, difference)


def test_a_difference_names_every_record(compare: Compare, before_octets: bytes, after_octets: bytes) -> None:
    """Added, removed and changed records are told apart, with what was declared."""
    lines = after_octets.splitlines(keepends=True)
    changed = b"".join([*lines[:2], *lines[3:]]).replace(b"15/06/2020,\r\n5", b"16/06/2020,\r\n5")
    found = diff(compare(changed, before_octets))
    assert [(row.kind.value, row.entry, row.declared) for row in found.rows] == [
        ("changed", "4", False),
        ("added", "5", True),
        ("removed", "2", False),
    ]
    assert found.same == 2
    assert json.loads(found.to_json())["rows"][0]["cells"][17] == {
        "column": "DateAdded",
        "before": "15/06/2020",
        "after": "16/06/2020",
    }
