"""The steps of README.txt: the commands of each check and the output that they must print."""

from collections.abc import Collection, Iterator

from contracts.documents.snapshots import verification_url
from contracts.evidence.bundle_steps import steps_of_bundle
from contracts.evidence.gathering import FILES, Evidence, Kind
from contracts.evidence.proofs import DatedFile
from contracts.evidence.seal_steps import steps_of_seals
from contracts.evidence.seals import Seals
from contracts.evidence.stamp_steps import steps_of_stamps
from contracts.evidence.step import Step
from contracts.evidence.trail_steps import steps_of_trail


def steps_of(evidence: Evidence, seals: Seals, dated: list[DatedFile], names: Collection[str]) -> Iterator[Step]:
    """Yield all steps for this contract; `names` are those in SHA256SUMS."""
    yield from steps_of_bundle(seals, names)
    yield from steps_of_seals(seals)
    yield from steps_of_stamps(dated, seals.names)
    if FILES[Kind.OFFICIAL] in seals.files:
        yield from _of_draft_in_official(evidence)
    if not seals.files:
        yield Step(
            "The draft has no seal and is not binding.",
            "草稿没有电子印章，因此对任何人都没有约束力。",
            "pdfsig draft.pdf 2>&1",
            ("does not contain any signatures",),
        )
    if FILES[Kind.VOID_CERTIFICATE] in seals.files:
        yield _of_voided_contract(evidence)
    yield from steps_of_trail(evidence)
    yield _of_today(evidence)


def _of_draft_in_official(evidence: Evidence) -> Iterator[Step]:
    draft = evidence.documents.get(FILES[Kind.DRAFT])
    if draft:
        yield Step(
            "The official contract is the draft with the seal on it: the file begins with the whole draft, "
            "and prints the same text. Open both and compare them, too.",
            "正式合同就是盖了章的草稿：文件以完整的草稿开头，文字相同。也请打开两份文件看一看。",
            f"head -c {draft.size} official.pdf | cmp - draft.pdf && echo the whole draft\n"
            "pdftotext draft.pdf ../check/draft.txt\n"
            "pdftotext official.pdf ../check/official.txt\n"
            "cmp ../check/draft.txt ../check/official.txt && echo the same text",
            ("the whole draft", "the same text"),
        )


def _of_voided_contract(evidence: Evidence) -> Step:
    return Step(
        "The void certificate is about this very contract: it prints the SHA-256 of official.pdf.",
        "作废证明针对的正是这份合同：其中印有 official.pdf 的 SHA-256。",
        "pdftotext void-certificate.pdf - | tr -d ' \\n' | grep -o \"$(sha256sum < official.pdf | cut -c 1-64)\"",
        (evidence.documents[FILES[Kind.OFFICIAL]].sha256,),
    )


def _of_today(evidence: Evidence) -> Step:
    shown = FILES[Kind.OFFICIAL] if FILES[Kind.OFFICIAL] in evidence.documents else FILES[Kind.DRAFT]
    return Step(
        "Whether the contract is in force: open the issuer's site at the address that you know, not only at this one, "
        f"and look up the code: {verification_url(evidence.contract)} The page must show the contract number and, for "
        "a sealed contract, this SHA-256.",
        "合同目前的效力：打开您所知道的供应方网站（不要只相信此处的网址），查询验证码。页面应显示合同编号；已签章的合同还应显示"
        "下面的 SHA-256。",
        f"sha256sum {shown}",
        (evidence.documents[shown].sha256,),
    )
