"""The steps of README.txt: for each thing to be checked the commands, and what they print where it holds."""

from collections.abc import Collection, Iterator, Mapping

from contracts.documents.snapshots import verification_url
from contracts.evidence.files import last_hash
from contracts.evidence.gathering import FILES, Kind, Known
from contracts.evidence.seal_steps import steps_of_seals
from contracts.evidence.step import Step
from contracts.models import AuditEvent
from contracts.sealing.certificates import Signature

TELLS = {
    FILES[Kind.DRAFT]: AuditEvent.Kind.DRAFTED,
    FILES[Kind.OFFICIAL]: AuditEvent.Kind.CONVERTED,
    FILES[Kind.VOID_CERTIFICATE]: AuditEvent.Kind.VOIDED,
}
"""File → the kind of event that names it by its SHA-256."""

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
"""The chain, recomputed by any shell: each entry's hash is that of its text, and the next entry holds it."""


def steps_of(
    known: Known, signatures: Mapping[str, Signature], certificates: Mapping[bytes, str], names: Collection[str]
) -> Iterator[Step]:
    """All steps for this contract; `names` are those in SHA256SUMS, `certificates` as of certificate_files()."""
    yield Step(
        "Nothing was damaged on the way. (This finds accidents: a forger would write new sums too.)",
        "文件在传输中没有损坏。（只能发现意外损坏：伪造者也会改写哈希值。）",
        "sha256sum -c SHA256SUMS",
        tuple(f"{name}: OK" for name in sorted(names)),
    )
    yield from steps_of_seals(signatures, certificates)
    if FILES[Kind.OFFICIAL] in signatures:
        yield from _of_draft_in_official(known)
    if not signatures:
        yield Step(
            "The draft carries no seal, and so binds nobody.",
            "草稿没有电子章，因此对任何人都没有约束力。",
            "pdfsig draft.pdf 2>&1",
            ("does not contain any signatures",),
        )
    if FILES[Kind.VOID_CERTIFICATE] in signatures:
        yield _of_what_is_void()
    yield from _of_trail(known)
    yield _of_today(known)


def _of_draft_in_official(known: Known) -> Iterator[Step]:
    draft = known.documents.get(FILES[Kind.DRAFT])
    if draft:
        yield Step(
            "The official contract is the draft with the seal on it: the file begins with the whole draft, "
            "and prints the same text. Look at both, too.",
            "正式合同就是盖了章的草稿：文件以完整的草稿开头，文字相同。也请打开两份文件看一看。",
            f"cmp -n {draft.size} draft.pdf official.pdf && echo the whole draft\n"
            "pdftotext draft.pdf draft.txt\n"
            "pdftotext official.pdf official.txt\n"
            "cmp draft.txt official.txt && echo the same text",
            ("the whole draft", "the same text"),
        )


def _of_what_is_void() -> Step:
    return Step(
        "The void certificate is about this very contract: it prints the SHA-256 of official.pdf.",
        "作废证明针对的正是这份合同：其中印有 official.pdf 的 SHA-256。",
        "pdftotext void-certificate.pdf - | tr -d ' \\n' | grep -o \"$(sha256sum < official.pdf | cut -c 1-64)\" \\\n"
        "  && echo the same file",
        ("the same file",),
    )


def _of_trail(known: Known) -> Iterator[Step]:
    yield Step(
        "The audit trail is unbroken: each entry holds the hash of the one before. In an entry, at is when (UTC), kind "
        "what, actor who (user number; null is the system itself), source from where (admin: the issuer's staff), "
        "ticket the number of a request to void. Note the last hash, and compare it with that of any bundle of this "
        "contract that you get later: there it must be among the entries.",
        "审计记录没有断开：每一条都含有前一条的哈希值。其中 at 为时间（UTC），kind 为事项，actor 为用户编号（null "
        "表示系统自动），source 为来源（admin 表示发行方人员），ticket 为作废申请的编号。"
        "请记下最后一个哈希值；日后再得到此合同的证据包时，其中的记录里必须有这个值。",
        TRAIL,
        (f"unbroken: {len(known.events)} entries, the last {last_hash(known)}",),
    )
    for file in known.documents:
        yield Step(
            f"The audit trail names {file} by its SHA-256, and says when it was made and by whom.",
            f"审计记录以 SHA-256 列出 {file}，并记明何时由谁生成。",
            f'grep "$(sha256sum < {file} | cut -c 1-64)" audit-trail.json',
            (f'"kind":"{TELLS[file]}"',),
        )


def _of_today(known: Known) -> Step:
    shown = FILES[Kind.OFFICIAL] if FILES[Kind.OFFICIAL] in known.documents else FILES[Kind.DRAFT]
    return Step(
        "Whether the contract is in force: open the issuer's site, at the address that you know and not only this one, "
        f"and look up the code: {verification_url(known.contract)} It must show the contract number, and for a sealed "
        "contract this SHA-256.",
        "合同目前的效力：打开您所知道的发行方网站（不要只相信此处的网址），查询验证码。页面应显示合同编号；已签章的合同还应显示"
        "下面的 SHA-256。",
        f"sha256sum {shown}",
        (known.documents[shown].sha256,),
    )
