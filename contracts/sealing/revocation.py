"""Revocation data of B-LT seals: proof that none of their certificates was revoked at sealing time.

SEAL_CRL is used first. If it is not enough, OCSP and CRL servers named in the certificates are queried: all these
certificates are under a pinned root, and each request and the whole have a time limit. Responses are cached for
CACHE_LIFETIME, so conversions rarely wait for them.
"""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from asn1crypto import crl, ocsp
from django.utils.translation import gettext as _
from pyhanko.sign.timestamps import TimeStamper
from pyhanko_certvalidator import CertificateValidator, ValidationContext
from pyhanko_certvalidator.errors import PathBuildingError, ValidationError
from pyhanko_certvalidator.fetchers.aiohttp_fetchers import AIOHttpFetcherBackend
from pyhanko_certvalidator.fetchers.api import FetchLimits
from pyhanko_certvalidator.path import ValidationPath

from common.circuit_breaker import CircuitBreaker, CircuitOpen
from contracts.sealing.asn1 import prepared
from contracts.sealing.key import LoadedSeal
from contracts.sealing.signer import SealServerFailed
from contracts.sealing.timestamps import timestamper
from contracts.sealing.trust import Trust

REQUEST_TIMEOUT, TOTAL_TIMEOUT = 5, 15
"""Seconds."""
CACHE_LIFETIME = timedelta(hours=1)
SERVERS = CircuitBreaker("the revocation servers")
_LIMITS = FetchLimits(max_requests=20, max_cert_requests=5)


@dataclass(frozen=True, slots=True)
class RevocationData:
    """Chains of the seal and its timestamp, with proof that they are not revoked."""

    paths: tuple[ValidationPath, ...]
    crls: tuple[crl.CertificateList, ...]
    ocsps: tuple[ocsp.OCSPResponse, ...]
    until: datetime
    """When to fetch it again (aware)."""


_cache: dict[tuple[object, ...], RevocationData] = {}


def revocation_data(loaded: LoadedSeal, trusted: Trust, tsa_url: str) -> RevocationData:
    """Return the data that a seal made now embeds. Requests one timestamp, to learn the server's certificates.

    Raises SealServerFailed naming what is missing, and TimestampRequestError.
    """
    key = (loaded.chain[0].dump(), tsa_url, *(one.dump() for one in trusted.crls))
    data = _cache.get(key)
    if data is None or datetime.now(UTC) >= data.until:
        _cache.clear()
        data = _cache[key] = asyncio.run(_gather(loaded, trusted, timestamper(tsa_url)))
    return data


def clear_cache() -> None:
    """Clear the cache: the timestamp server has changed its certificate."""
    _cache.clear()


async def _gather(loaded: LoadedSeal, trusted: Trust, stamper: TimeStamper) -> RevocationData:
    try:
        return await _validated(loaded, trusted, stamper, None)
    except (PathBuildingError, ValidationError):
        pass  # local data are not enough: fetch
    backend = AIOHttpFetcherBackend(per_request_timeout=REQUEST_TIMEOUT, limits=_LIMITS)
    try:
        with SERVERS.call():
            async with asyncio.timeout(TOTAL_TIMEOUT):
                return await _validated(loaded, trusted, stamper, backend)
    except (TimeoutError, CircuitOpen) as error:
        raise _missing_data(_("the servers that the certificates name did not answer in time")) from error
    except (PathBuildingError, ValidationError) as error:
        raise _missing_data(str(error)) from error
    finally:
        await backend.close()  # type: ignore[no-untyped-call]


async def _validated(
    loaded: LoadedSeal, trusted: Trust, stamper: TimeStamper, backend: AIOHttpFetcherBackend | None
) -> RevocationData:
    """Validate every certificate, with proof of non-revocation for all but the roots."""
    context = ValidationContext(
        trust_roots=[loaded.chain[-1], *trusted.timestamp_roots],
        other_certs=[*loaded.chain[1:-1], *trusted.intermediates],
        crls=[crl.CertificateList.load(one.dump()) for one in trusted.crls],  # copies, since their entries are parsed
        revocation_mode="require",
        allow_fetching=backend is not None,
        fetcher_backend=backend,
    )
    validator = CertificateValidator(loaded.chain[0], validation_context=context)
    paths = [await validator.async_validate_usage({"non_repudiation"})]  # type: ignore[no-untyped-call]
    paths += [path async for path in stamper.validation_paths(context)]  # type: ignore[no-untyped-call]
    for certificate in (one for path in paths for one in path):
        prepared(certificate)  # shared with other threads
    issuers = {certificate.issuer.hashable for path in paths for certificate in path}
    crls = tuple(one for one in context.crls if one.issuer.hashable in issuers)
    now = datetime.now(UTC)
    until = min([now + CACHE_LIFETIME, *(due for due in _next_updates(crls) if due > now)])
    return RevocationData(tuple(paths), crls, tuple(map(prepared, context.ocsps)), until)


def _next_updates(crls: tuple[crl.CertificateList, ...]) -> Iterator[datetime]:
    for one in crls:
        due = one["tbs_cert_list"]["next_update"].native
        if due is not None:
            yield due


def _missing_data(error: str) -> SealServerFailed:
    return SealServerFailed(
        _(
            "A seal of level B-LT needs a current CRL or OCSP response for each of its certificates: %(error)s. "
            "Put current CRLs into SEAL_CRL, or set SEAL_LEVEL=B-T."
        )
        % {"error": error.rstrip(".")}
    )
