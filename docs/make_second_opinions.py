# ruff: noqa: INP001 - a script, not a package
"""Asks three libraries about every chain of the negative corpus and writes down what each of them would have missed.

    python docs/make_second_opinions.py

writes ``tests/smki/data/second_opinions.json`` and ``docs/smki-second-opinions.md``. A test asks again and compares.
The libraries are asked here and in that test only: nothing of this project relies on their opinion when it runs.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from trialconformance.smki.corpus import ChainCase, MadeChain, load_corpus, make_chain
from trialconformance.smki.issue import SyntheticPki
from trialconformance.smki.pem import write_pem

HERE = Path(__file__).resolve().parent
DATA = HERE.parent / "tests" / "smki" / "data" / "second_opinions.json"
PAGE = HERE / "smki-second-opinions.md"

ACCEPT, REFUSE = "accept", "refuse"
LIBRARIES = ("cryptography", "pyhanko", "openssl", "openssl-strict")
_TITLES = {
    "cryptography": "cryptography, x509.verification with a permissive extension policy",
    "pyhanko": "pyhanko-certvalidator, explicit policy, asn1crypto patched for BIT STRING names",
    "openssl": "openssl verify, explicit policy",
    "openssl-strict": "openssl verify with -x509_strict",
}
_SOME_DAY = datetime(2018, 6, 1, tzinfo=UTC)  # for cases that disapply time, where a library cannot

Opinion = Callable[[MadeChain], str]


def versions() -> dict[str, str]:
    """Versions of the libraries, by name; a library that is not there is missing."""
    found = {}
    for name, package in (("cryptography", "cryptography"), ("pyhanko", "pyhanko-certvalidator")):
        try:
            found[name] = version(package)
        except PackageNotFoundError:
            continue
    if program := shutil.which("openssl"):
        text = subprocess.run([program, "version"], capture_output=True, text=True, check=True).stdout  # noqa: S603 -- a found program
        found["openssl"] = found["openssl-strict"] = text.split()[1]
    return found


def opinions(cases: Iterable[ChainCase], *, libraries: Iterable[str]) -> dict[str, dict[str, str]]:
    """Ask libraries about chains.

    Args:
        cases: cases of the corpus.
        libraries: names of the libraries to ask.

    Returns:
        Opinions by case and library.
    """
    pki = SyntheticPki()
    made = {case.id: make_chain(pki, case) for case in cases}
    return {case_id: {name: _ASK[name](chain) for name in libraries} for case_id, chain in made.items()}


def _cryptography(chain: MadeChain) -> str:
    from cryptography import x509  # noqa: PLC0415 -- a library that is asked only here
    from cryptography.x509 import verification as v  # noqa: PLC0415 -- as above

    try:
        leaf, *path = [x509.load_der_x509_certificate(each) for each in (chain.leaf, *chain.path)]
        anchors = [x509.load_der_x509_certificate(_anchor(each)) for each in chain.anchors]
        # Without these two requirements it refuses every SMKI certificate for its critical certificatePolicies.
        leaves = v.ExtensionPolicy.permit_all().require_present(x509.CertificatePolicies, v.Criticality.AGNOSTIC, None)
        authorities = leaves.require_present(x509.BasicConstraints, v.Criticality.AGNOSTIC, None)
        builder = v.PolicyBuilder().store(v.Store(anchors)).time(chain.case.clock or _SOME_DAY)
        builder = builder.extension_policies(ee_policy=leaves, ca_policy=authorities)
        builder.build_client_verifier().verify(leaf, path)
    except Exception:  # noqa: BLE001 -- whatever it raises, it did not accept the chain
        return REFUSE
    return ACCEPT


def _pyhanko(chain: MadeChain) -> str:
    from asn1crypto import x509  # noqa: PLC0415 -- a library that is asked only here
    from pyhanko_certvalidator import CertificateValidator, ValidationContext  # noqa: PLC0415 -- as above
    from pyhanko_certvalidator.policy_decl import PKIXValidationParams  # noqa: PLC0415 -- as above

    _patch_names(x509)
    try:
        leaf, *path = [x509.Certificate.load(each, strict=True) for each in (chain.leaf, *chain.path)]
        context = ValidationContext(
            trust_roots=[x509.Certificate.load(_anchor(each)) for each in chain.anchors],
            other_certs=path,
            moment=chain.case.clock or _SOME_DAY,
            best_signature_time=chain.case.clock or _SOME_DAY,
            allow_fetching=False,
            revocation_mode="soft-fail",
        )
        parameters = PKIXValidationParams(
            user_initial_policy_set=frozenset(_policies(chain.case)), initial_explicit_policy=True
        )
        validator = CertificateValidator(leaf, path, validation_context=context, pkix_params=parameters)
        asyncio.run(validator.async_validate_path())
    except Exception:  # noqa: BLE001 -- whatever it raises, it did not accept the chain
        return REFUSE
    return ACCEPT


def _patch_names(x509: Any) -> None:
    """Name preparation of asn1crypto cannot handle the BIT STRING of an x500UniqueIdentifier: compare it as it is."""
    original = x509.NameTypeAndValue.prepped_value
    if getattr(original, "patched", False):
        return

    class Prepared(property):
        patched = True

    def prepared(pair: Any) -> Any:
        return pair["value"].dump() if pair["type"].native == "unique_identifier" else original.fget(pair)

    x509.NameTypeAndValue.prepped_value = Prepared(prepared)


def _openssl(chain: MadeChain, *options: str) -> str:
    with tempfile.TemporaryDirectory() as folder:
        files = {"leaf": [chain.leaf], "path": list(chain.path), "anchors": [_anchor(each) for each in chain.anchors]}
        for name, group in files.items():
            text = "".join(write_pem("CERTIFICATE", each) for each in group)
            (Path(folder) / f"{name}.pem").write_text(text)
        clock = chain.case.clock
        when = ["-no_check_time"] if clock is None else ["-attime", str(int(clock.timestamp()))]
        wanted = [word for policy in sorted(_policies(chain.case)) for word in ("-policy", policy)]
        command = ["openssl", "verify", *options, *when, *wanted, "-explicit_policy", "-no-CApath", "-no-CAstore"]
        command += ["-partial_chain", "-CAfile", "anchors.pem"] if chain.anchors else ["-no-CAfile"]
        command += ["-untrusted", "path.pem"] if chain.path else []
        command.append("leaf.pem")
        done = subprocess.run(command, cwd=folder, capture_output=True, check=False)  # noqa: S603 -- our own words
    return ACCEPT if done.returncode == 0 else REFUSE


def _anchor(anchor: Any) -> bytes:
    octets: bytes = anchor.certificate.octets
    return octets


def _policies(case: ChainCase) -> frozenset[str]:
    """The policies of the environment that a chain is checked in."""
    known = load_corpus().policies
    device = case.leaf.holder not in {"supplier", "recovery", "xml-sign", "org-root"}
    return frozenset(known["device" if device else "organisation"])  # type: ignore[index]  # kinds are strings


_ASK: dict[str, Opinion] = {
    "cryptography": _cryptography,
    "pyhanko": _pyhanko,
    "openssl": _openssl,
    "openssl-strict": lambda chain: _openssl(chain, "-x509_strict"),
}


def page(record: dict[str, Any]) -> str:
    """Write the page.

    Args:
        record: versions and opinions, as the data file holds them.
    """
    cases = load_corpus().cases
    found = record["opinions"]
    refused = [case for case in cases if case.verdict == "refuse"]
    missed = {name: sum(found[case.id][name] == ACCEPT for case in refused) for name in LIBRARIES}
    harsher = [case for case in cases if case.verdict == ACCEPT and REFUSE in found[case.id].values()]
    lines = [
        "# Second opinions on the negative corpus",
        "",
        "Written by `docs/make_second_opinions.py`. Every chain of the negative corpus, which is in",
        "`src/trialconformance/smki/data/corpus.json`, was shown to three libraries; none of them is asked when this",
        "tool runs. No library knows the SMKI profile: what they accept shows what a lint of one's own is for, and is",
        "no fault of theirs.",
        "",
        "| column | library | version | of the chains that must be refused it accepts |",
        "|---|---|---|---|",
        *(
            f"| {name} | {_TITLES[name]} | {record['versions'][name]} | {missed[name]} of {len(refused)} |"
            for name in LIBRARIES
        ),
        "",
        "A accepts, R refuses. The cases named are those of this tool that report the chain.",
        "",
        f"| chain | what is wrong | verdict | {' | '.join(LIBRARIES)} | cases | status |",
        f"|---|---|---|{'---|' * len(LIBRARIES)}---|---|",
    ]
    lines += [
        f"| {case.id} | {case.title} | {case.verdict} | "
        + " | ".join("A" if found[case.id][name] == ACCEPT else "R" for name in LIBRARIES)
        + f" | {', '.join(sorted(case.cases)) or '-'} | {case.predicted} |"
        for case in cases
    ]
    lines += ["", "## Where a library refuses what this tool accepts", ""]
    lines += [f"* {case.id}, {case.title}: {record['reasons'][case.id]}" for case in harsher]
    return "\n".join([*lines, ""])


def reasons(found: dict[str, dict[str, str]], known: dict[str, str]) -> dict[str, str]:
    """Why a library refuses a chain that this tool accepts; a case without a reason on record has an empty one.

    Args:
        found: opinions by case and library.
        known: reasons on record.
    """
    cases = [case for case in load_corpus().cases if case.verdict == ACCEPT]
    return {case.id: known.get(case.id, "") for case in cases if REFUSE in found[case.id].values()}


def main() -> None:
    """Ask every library and write the record and the page."""
    found = opinions(load_corpus().cases, libraries=LIBRARIES)
    known = json.loads(DATA.read_bytes())["reasons"] if DATA.exists() else {}
    record = {"versions": versions(), "opinions": found, "reasons": reasons(found, known)}
    DATA.write_text(json.dumps(record, indent=1, sort_keys=True) + "\n")
    PAGE.write_text(page(record))


if __name__ == "__main__":
    main()
