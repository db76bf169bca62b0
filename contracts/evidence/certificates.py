"""The certificates folder of a bundle, without duplicates."""

from collections.abc import Iterable

from contracts.sealing.certificates import Signature


def certificate_files(signatures: Iterable[Signature]) -> dict[bytes, str]:
    """Return PEM → name in the bundle, for all certificates and CRLs that the steps of README.txt use."""
    signatures = list(signatures)
    stamps = [one.timestamp.chain for one in signatures if one.timestamp]
    kinds = {
        "seal-{}.pem": [one.chain.pem for one in signatures],
        "root-{}.pem": [one.chain.root_pem for one in signatures],
        "list-{}.crl": [crl for one in signatures for crl in one.crls],
        "timestamp-{}.pem": [chain.pem for chain in stamps],
        "timestamp-root-{}.pem": [chain.root_pem for chain in stamps],
    }
    names: dict[bytes, str] = {}
    for name, contents in kinds.items():
        for number, content in enumerate(dict.fromkeys(contents), 1):
            names.setdefault(content, "certificates/" + name.format(number))
    return names
