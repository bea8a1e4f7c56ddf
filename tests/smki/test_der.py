"""The strict DER walker: every rule has an example that breaks it, at the right place."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trialconformance.smki import der, der_writer
from trialconformance.smki.der import DerRule

_LEAF_TAGS = (der.OCTET_STRING, der.UTF8_STRING, 0x80, 0x9E)


def _values() -> st.SearchStrategy[bytes]:
    leaves = st.one_of(
        st.integers(-(2**70), 2**70).map(der_writer.integer),
        st.booleans().map(der_writer.boolean),
        st.binary(max_size=20).map(der_writer.octet_string),
        st.binary(max_size=20).map(der_writer.bit_string),
        st.text(max_size=8).map(der_writer.utf8_string),
        st.just(der_writer.null()),
        st.lists(st.integers(0, 2**40), max_size=5).map(lambda arcs: der_writer.oid(".".join(map(str, (1, 3, *arcs))))),
        st.sets(st.integers(0, 15), max_size=6).map(lambda bits: der_writer.named_bits(*bits)),
    )
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            st.lists(inner, max_size=5).map(lambda each: der_writer.sequence(*each)),
            st.lists(inner, max_size=5).map(lambda each: der_writer.set_of(*each)),
            st.tuples(st.integers(0, 30), inner).map(lambda pair: der_writer.explicit(*pair)),
        ),
        max_leaves=20,
    )


@given(_values())
def test_what_the_writer_writes_has_no_fault(octets: bytes) -> None:
    """Every tree that the DER writer makes walks without a breach and comes back octet for octet."""
    tree = der.walk(octets)
    assert tree.faults == ()
    assert tree.root is not None
    assert tree.root.encoding == octets


@given(st.binary(max_size=200))
def test_any_octets_can_be_walked(octets: bytes) -> None:
    """The walker never raises, and every place it names lies within the octets."""
    tree = der.walk(octets)
    for fault in tree.faults:
        assert 0 <= fault.offset <= len(octets)
        assert fault.offset + fault.length <= len(octets)


@given(_values(), st.data())
def test_one_changed_octet_is_found_or_gives_another_value(octets: bytes, data: st.DataObject) -> None:
    """A tree with one octet changed is either faulty or is the DER of something else: never silently the same."""
    place = data.draw(st.integers(0, len(octets) - 1))
    changed = octets[:place] + bytes([octets[place] ^ data.draw(st.integers(1, 255))]) + octets[place + 1 :]
    tree = der.walk(changed)
    assert tree.faults or (tree.root is not None and tree.root.encoding == changed)


@given(_values(), st.integers(1, 40))
def test_a_tree_cut_short_is_faulty(octets: bytes, count: int) -> None:
    """No proper beginning of a tree walks without a breach."""
    assert der.walk(octets[: max(0, len(octets) - count)]).faults


@pytest.mark.parametrize(
    ("octets", "rule", "offset"),
    [
        ("", DerRule.TRUNCATED, 0),
        ("30", DerRule.TRUNCATED, 0),
        ("300205", DerRule.TRUNCATED, 0),
        ("02810101", DerRule.LENGTH, 1),
        ("0282000101", DerRule.LENGTH, 1),
        ("0482ff", DerRule.TRUNCATED, 1),
        ("04ff00", DerRule.TRUNCATED, 1),
        ("30800000", DerRule.INDEFINITE_LENGTH, 1),
        ("308005000000", DerRule.INDEFINITE_LENGTH, 1),
        ("3080", DerRule.INDEFINITE_LENGTH, 1),
        ("010101", DerRule.BOOLEAN, 2),
        ("0100", DerRule.BOOLEAN, 2),
        ("0200", DerRule.INTEGER, 2),
        ("02020001", DerRule.INTEGER, 2),
        ("0202ff80", DerRule.INTEGER, 2),
        ("0300", DerRule.BIT_STRING, 2),
        ("030108", DerRule.BIT_STRING, 2),
        ("030101", DerRule.BIT_STRING, 2),
        ("03020181", DerRule.BIT_STRING, 2),
        ("050100", DerRule.NULL, 2),
        ("0600", DerRule.OID, 2),
        ("06028001", DerRule.OID, 2),
        ("06042a048001", DerRule.OID, 2),
        ("06022a86", DerRule.OID, 2),
        ("0c01ff", DerRule.CHARACTERS, 2),
        ("13015f", DerRule.CHARACTERS, 2),
        ("1601ff", DerRule.CHARACTERS, 2),
        ("1001ff", DerRule.FORM, 0),
        ("2403040100", DerRule.FORM, 0),
        ("31060201020201" + "01", DerRule.SET_ORDER, 0),
        ("0101ff00", DerRule.TRAILING, 3),
        ("1f0100", DerRule.TAG, 0),
        ("1f800100", DerRule.TAG, 0),
        ("9f8181818100", DerRule.TAG, 0),
        ("1f", DerRule.TRUNCATED, 0),
    ],
)
def test_every_rule_is_found_at_its_place(octets: str, rule: DerRule, offset: int) -> None:
    """A breach of each DER rule is noted under that rule, at the octet where it is."""
    found = [(fault.rule, fault.offset) for fault in der.walk(bytes.fromhex(octets)).faults]
    assert (rule, offset) in found


def test_high_tag_numbers_are_read() -> None:
    """A tag number above 30 is read from its octets."""
    root = der.walk(bytes.fromhex("9f810100")).root
    assert root is not None
    assert (root.number, root.tag_class, root.constructed) == (129, 2, False)


def test_nesting_is_bounded_and_said() -> None:
    """Ten thousand levels are walked in bounded time and depth, and reported."""
    octets = b""
    for _ in range(10_000):
        octets = der_writer.sequence(octets) if len(octets) < 60_000 else octets
    deep = b"\x30\x80" * 10_000
    started = time.process_time()
    for each in (octets, deep):
        assert DerRule.DEPTH in {fault.rule for fault in der.walk(each).faults}
    assert time.process_time() - started < 2


def test_a_length_of_100_megabytes_costs_nothing() -> None:
    """A value that claims 100 MB but has none is reported without room being made for it."""
    started = time.process_time()
    faults = der.walk(b"\x30\x84\x05\xf5\xe1\x00").faults
    assert [fault.rule for fault in faults] == [DerRule.TRUNCATED]
    assert time.process_time() - started < 0.1


@pytest.mark.parametrize(
    ("content", "text"),
    [("2a864886f70d", "1.2.840.113549"), ("8837", "2.999"), ("80", "#80"), ("2b" + "01" * 50, "#2B01")],
)
def test_object_identifiers_are_written_dotted(content: str, text: str) -> None:
    """An OBJECT IDENTIFIER is shown as dotted numbers; one that cannot be read, or is very long, as hex."""
    assert der.oid_text(bytes.fromhex(content)).startswith(text)


@pytest.mark.parametrize(
    ("octets", "faulty"), [("03020780", False), ("03020080", True), ("030100", False), ("03020781", False)]
)
def test_named_bits_are_trimmed(octets: str, *, faulty: bool) -> None:
    """A named-bit list that ends with a zero bit is a breach; one that is no BIT STRING of DER is judged elsewhere."""
    root = der.walk(bytes.fromhex(octets)).root
    assert root is not None
    assert (der.named_bits_fault(root, path="keyUsage") is not None) is faulty


def test_integers_keep_their_sign() -> None:
    """INTEGER content is read as two's complement, minimal or not."""
    values = {"0201ff": -1, "0200": 0, "02020001": 1}
    for octets, value in values.items():
        root = der.walk(bytes.fromhex(octets)).root
        assert root is not None
        assert der.integer_value(root) == value


@given(st.integers(0, 2**40))
def test_lengths_are_written_in_their_shortest_form(length: int) -> None:
    """A length that the writer writes has no leading zero and the short form below 128."""
    octets = der_writer.length_octets(length)
    assert (octets == bytes([length])) if length < 128 else (octets[1] != 0 and int.from_bytes(octets[1:]) == length)
