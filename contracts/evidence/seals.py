"""The seals in a bundle, and the certificates folder, which has no duplicates."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from contracts.sealing.certificates import Chain, Signature, chain_of_seal, signature_of
from contracts.sealing.stamps import Stamp
from contracts.sealing.trust import Trust


@dataclass(frozen=True, slots=True)
class Seals:
    """Seals and certificates for the steps of README.txt. Each chain ends at one of our pinned roots."""

    bundle: Chain
    """Chain of the seal that signs the checksums."""
    files: Mapping[str, Signature]
    """By name of the sealed file."""
    names: Mapping[bytes, str]
    """PEM → name in the bundle, for all certificates and CRLs that the steps use."""

    @property
    def signers(self) -> dict[str, Chain]:
        """Name in ../check of the signer's certificate that a step takes from the signature → its chain."""
        return {"bundle": self.bundle, **{stem_of(file): one.chain for file, one in self.files.items()}}


def seals_of(sealed: Mapping[str, bytes], stamps: Iterable[Stamp], trusted: Trust, *, is_test: bool) -> Seals:
    """Return the seals of the files, and of the bundle; `stamps` are those of daily lists.

    Raises SealUnavailable if a key or root is not one of ours.
    """
    bundle = chain_of_seal(trusted, is_test=is_test)
    files = {name: signature_of(content, trusted=trusted) for name, content in sealed.items()}
    stamp_chains = [one.timestamp.chain for one in files.values() if one.timestamp]
    stamp_chains += [stamp.chain for stamp in stamps]
    return Seals(bundle, files, _certificate_names([*(one.chain for one in files.values()), bundle], stamp_chains))


def stem_of(file: str) -> str:
    return file.removesuffix(".pdf")


def report_of(file: str) -> str:
    """Return the name of the validation report on a sealed file."""
    return f"{stem_of(file)}-validation-report.xml"


def _certificate_names(seals: Iterable[Chain], stamps: Iterable[Chain]) -> dict[bytes, str]:
    seals, stamps = list(seals), list(stamps)
    kinds = {
        "seal-{}.pem": [chain.pem for chain in seals],
        "root-{}.pem": [chain.root_pem for chain in seals],
        "list-{}.crl": [crl for chain in seals for crl in chain.crls],
        "timestamp-{}.pem": [chain.pem for chain in stamps],
        "timestamp-root-{}.pem": [chain.root_pem for chain in stamps],
    }
    names: dict[bytes, str] = {}
    for name, contents in kinds.items():
        for number, content in enumerate(dict.fromkeys(contents), 1):
            names.setdefault(content, "certificates/" + name.format(number))
    return names
