"""Who the harness may speak as: the parties of a trial with their keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from trialconformance.core import UsageError, format_eui64
from trialconformance.smki.keystore import KeyStore

__all__ = ["ROLE_CODES", "Credentials", "Party"]


class Party(StrEnum):
    """A party that can send commands to a device."""

    SUPPLIER = "supplier"
    OTHER_SUPPLIER = "other-supplier"
    NETWORK_OPERATOR = "network-operator"
    ACCESS_CONTROL_BROKER = "access-control-broker"
    RECOVERY = "recovery"
    TRANSITIONAL_COS = "transitional-cos"
    WAN_PROVIDER = "wan-provider"
    LOAD_CONTROLLER = "load-controller"


# remotePartyRole codes: SMKI 1.3 of the domain notes, GBCS 4.2 TACell.
ROLE_CODES: dict[Party, int] = {
    Party.RECOVERY: 1,
    Party.SUPPLIER: 2,
    Party.OTHER_SUPPLIER: 2,
    Party.NETWORK_OPERATOR: 3,
    Party.ACCESS_CONTROL_BROKER: 4,
    Party.TRANSITIONAL_COS: 5,
    Party.WAN_PROVIDER: 6,
    Party.LOAD_CONTROLLER: 8,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """The parties and their keys.

    Args:
        keystore: certificates and test keys of the parties and of the device.
        parties: EUI-64 of each party, 8 octets.
    """

    keystore: KeyStore = field(repr=False)
    parties: Mapping[Party, bytes]

    @classmethod
    def from_keystore(cls, keystore: KeyStore) -> Credentials:
        """Find the parties by the roles that their certificates name; the second supplier is the other one.

        Args:
            keystore: a store with certificates and private keys of a test PKI.

        Raises:
            UsageError: nobody is a supplier or an Access Control Broker.
        """
        parties: dict[Party, bytes] = {}
        for party, role in ROLE_CODES.items():
            entities = [each for each in keystore.entities(role) if each not in parties.values()]
            if entities:
                parties[party] = entities[0]
        missing = {Party.SUPPLIER, Party.ACCESS_CONTROL_BROKER} - parties.keys()
        if missing:
            raise UsageError(
                f"no certificate of role {', '.join(sorted(missing))}",
                where="key store",
                accepted="certificates and keys of at least a supplier and the Access Control Broker",
            )
        return cls(keystore=keystore, parties=parties)

    def entity(self, party: Party) -> bytes:
        """EUI-64 of a party.

        Raises:
            UsageError: the trial has no such party.
        """
        try:
            return self.parties[party]
        except KeyError:
            known = ", ".join(f"{name} {format_eui64(entity)}" for name, entity in sorted(self.parties.items()))
            raise UsageError(f"no {party} among the parties", where="credentials", accepted=known) from None
