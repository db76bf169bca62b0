"""The certificates folder of a bundle: what seals and timestamps hang on, each thing once."""

from collections.abc import Iterable

from contracts.sealing.certificates import Signature


def certificate_files(signatures: Iterable[Signature]) -> dict[bytes, str]:
    """PEM → name in the bundle, of all that the steps of README.txt need."""
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
