"""The steps of README.txt: the commands of each check and the output that they must print."""

from collections.abc import Collection, Iterator, Mapping

from contracts.documents.snapshots import verification_url
from contracts.evidence.files import last_hash
from contracts.evidence.gathering import FILES, Evidence, Kind
from contracts.evidence.seal_steps import steps_of_seals
from contracts.evidence.step import Step
from contracts.models import AuditEvent
from contracts.sealing.certificates import Signature

RECORDED_BY = {
    FILES[Kind.DRAFT]: AuditEvent.Kind.DRAFTED,
    FILES[Kind.OFFICIAL]: AuditEvent.Kind.CONVERTED,
    FILES[Kind.VOID_CERTIFICATE]: AuditEvent.Kind.VOIDED,
}
"""File → the kind of event that records its SHA-256."""

TRAIL = r"""
sed -n 's/^{"hash":"\([0-9a-f]*\)","event":\(.*\)},\{0,1\}$/\1 \2/p' audit-trail.json | (
  previous= count=0
  while read -r hash event; do
    if [ "$(printf %s "$event" | sha256sum | cut -c 1-64)" != "$hash" ]; then echo "CHANGED: $event"; exit 1; fi
    case $event in *'"previous":"'$previous'"'*) ;; *) echo "NOT NEXT: $event"; exit 1;; esac
    previous=$hash count=$((count + 1))
  done
  echo "unbroken: $count entries, the last $previous" )
""".strip()
"""Shell script that recomputes the chain: each entry's hash matches its text, and the next entry contains it."""


def steps_of(
    evidence: Evidence, signatures: Mapping[str, Signature], certificates: Mapping[bytes, str], names: Collection[str]
) -> Iterator[Step]:
    """Yield all steps for this contract; `names` are those in SHA256SUMS, `certificates` of certificate_files()."""
    yield Step(
        "No file was damaged in transit. (This only finds accidents: a forger would write new checksums too.)",
        "文件在传输中没有损坏。（只能发现意外损坏：伪造者也会改写哈希值。）",
        "sha256sum -c SHA256SUMS",
        tuple(f"{name}: OK" for name in sorted(names)),
    )
    yield from steps_of_seals(signatures, certificates)
    if FILES[Kind.OFFICIAL] in signatures:
        yield from _of_draft_in_official(evidence)
    if not signatures:
        yield Step(
            "The draft has no seal and is not binding.",
            "草稿没有电子章，因此对任何人都没有约束力。",
            "pdfsig draft.pdf 2>&1",
            ("does not contain any signatures",),
        )
    if FILES[Kind.VOID_CERTIFICATE] in signatures:
        yield _of_voided_contract()
    yield from _of_trail(evidence)
    yield _of_today(evidence)


def _of_draft_in_official(evidence: Evidence) -> Iterator[Step]:
    draft = evidence.documents.get(FILES[Kind.DRAFT])
    if draft:
        yield Step(
            "The official contract is the draft with the seal on it: the file begins with the whole draft, "
            "and prints the same text. Open both and compare them, too.",
            "正式合同就是盖了章的草稿：文件以完整的草稿开头，文字相同。也请打开两份文件看一看。",
            f"cmp -n {draft.size} draft.pdf official.pdf && echo the whole draft\n"
            "pdftotext draft.pdf draft.txt\n"
            "pdftotext official.pdf official.txt\n"
            "cmp draft.txt official.txt && echo the same text",
            ("the whole draft", "the same text"),
        )


def _of_voided_contract() -> Step:
    return Step(
        "The void certificate is about this very contract: it prints the SHA-256 of official.pdf.",
        "作废证明针对的正是这份合同：其中印有 official.pdf 的 SHA-256。",
        "pdftotext void-certificate.pdf - | tr -d ' \\n' | grep -o \"$(sha256sum < official.pdf | cut -c 1-64)\" \\\n"
        "  && echo the same file",
        ("the same file",),
    )


def _of_trail(evidence: Evidence) -> Iterator[Step]:
    yield Step(
        "The audit trail is unbroken: each entry contains the hash of the previous one. In an entry, `at` is the time "
        "(UTC), `kind` the event, `actor` the user number (null is the system), `source` where it came from (admin: "
        "the issuer's staff), `ticket` the number of a void request. Note the last hash. If you get another bundle of "
        "this contract later, its entries must include this hash.",
        "审计记录连续完整：每一条都含有前一条的哈希值。其中 at 为时间（UTC），kind 为事项，actor 为用户编号（null "
        "表示系统自动），source 为来源（admin 表示发行方人员），ticket 为作废申请的编号。"
        "请记下最后一个哈希值；日后再得到此合同的证据包时，其中的记录里必须有这个值。",
        TRAIL,
        (f"unbroken: {len(evidence.events)} entries, the last {last_hash(evidence)}",),
    )
    for file in evidence.documents:
        yield Step(
            f"The audit trail records the SHA-256 of {file}, and when and by whom it was made.",
            f"审计记录以 SHA-256 列出 {file}，并记明何时由谁生成。",
            f'grep "$(sha256sum < {file} | cut -c 1-64)" audit-trail.json',
            (f'"kind":"{RECORDED_BY[file]}"',),
        )


def _of_today(evidence: Evidence) -> Step:
    shown = FILES[Kind.OFFICIAL] if FILES[Kind.OFFICIAL] in evidence.documents else FILES[Kind.DRAFT]
    return Step(
        "Whether the contract is in force: open the issuer's site at the address that you know, not only at this one, "
        f"and look up the code: {verification_url(evidence.contract)} The page must show the contract number and, for "
        "a sealed contract, this SHA-256.",
        "合同目前的效力：打开您所知道的发行方网站（不要只相信此处的网址），查询验证码。页面应显示合同编号；已签章的合同还应显示"
        "下面的 SHA-256。",
        f"sha256sum {shown}",
        (evidence.documents[shown].sha256,),
    )
