"""What may follow a seal that permits no changes: validation data and document timestamps (ISO 32000-2, 12.8.2.2)."""

from collections.abc import Iterable
from dataclasses import replace
from io import BytesIO

from pyhanko.pdf_utils.generic import DictionaryObject, PdfObject
from pyhanko.pdf_utils.metadata.model import DocumentMetadata
from pyhanko.pdf_utils.metadata.xmp_xml import meta_from_xmp, parse_xmp
from pyhanko.pdf_utils.reader import HistoricalResolver
from pyhanko.sign.diff_analysis import (
    CatalogModificationRule,
    DocInfoRule,
    DSSCompareRule,
    FormUpdatingRule,
    MetadataUpdateRule,
    ModificationLevel,
    ObjectStreamRule,
    SigFieldCreationRule,
    SigFieldModificationRule,
    StandardDiffPolicy,
    SuspiciousModification,
    WhitelistRule,
    XrefStreamRule,
)
from pyhanko.sign.diff_analysis.commons import compare_dicts
from pyhanko.sign.diff_analysis.rules_api import ReferenceUpdate


class OtherTimeRule(WhitelistRule):
    """Permits another time of modification and another producer, which programs write with every addition.

    pyHanko's own rules permit any other title too, which readers show above the pages.
    """

    def apply(self, old: HistoricalResolver, new: HistoricalResolver) -> Iterable[ReferenceUpdate]:
        yield from DocInfoRule().apply(old, new)
        yield from MetadataUpdateRule().apply(old, new)  # type: ignore[no-untyped-call]
        compare_dicts(_information(old), _information(new), frozenset({"/ModDate", "/Producer"}))
        if _metadata(old) != _metadata(new):
            raise SuspiciousModification("The metadata differ in more than the time.")


def _information(revision: HistoricalResolver) -> PdfObject:
    """Return the information dictionary as of that revision: the trailer itself leads to the latest one."""
    reference = revision.trailer_view.get_value_as_reference("/Info", optional=True)
    return revision.get_object(reference) if reference else DictionaryObject()  # type: ignore[no-untyped-call]


def _metadata(revision: HistoricalResolver) -> DocumentMetadata | None:
    reference = revision.root.get("/Metadata", None)
    if reference is None:
        return None
    return replace(meta_from_xmp(parse_xmp(BytesIO(reference.get_object().data))), last_modified=None)


PERMITTED_ADDITIONS = StandardDiffPolicy(
    global_rules=[
        CatalogModificationRule(),  # type: ignore[no-untyped-call]
        *(
            rule.as_qualified(ModificationLevel.LTA_UPDATES)
            for rule in (XrefStreamRule(), ObjectStreamRule(), DSSCompareRule(), OtherTimeRule())
        ),
    ],
    form_rule=FormUpdatingRule(
        field_rules=[SigFieldCreationRule(), SigFieldModificationRule()]  # type: ignore[no-untyped-call]
    ),
)
