"""The steps of README.txt: for each thing to be checked the commands, and what they print where it holds."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from contracts.evidence.files import last_hash
from contracts.evidence.gathering import FILES, Kind, Known
from contracts.models import AuditEvent
from contracts.sealing.certificates import Signature
from contracts.snapshots import verification_url

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


@dataclass(frozen=True, slots=True)
class Step:
    """One check. `prints` must all be in what the commands print."""

    english: str
    chinese: str
    commands: str
    prints: tuple[str, ...]


def steps_of(known: Known, signatures: dict[str, Signature], names: Collection[str]) -> Iterator[Step]:
    """All steps for this contract; `names` are those in SHA256SUMS."""
    yield Step(
        "Nothing was damaged on the way. (This finds accidents: a forger would write new sums too.)",
        "文件在传输中没有损坏。（只能发现意外损坏：伪造者也会改写哈希值。）",
        "sha256sum -c SHA256SUMS",
        tuple(f"{name}: OK" for name in sorted(names)),
    )
    for file, signature in signatures.items():
        yield from _of_seal(file, signature)
    if FILES[Kind.OFFICIAL] in signatures:
        yield from _of_draft_in_official(known)
    if not signatures:
        yield Step(
            "The draft carries no seal, and so binds nobody.",
            "草稿没有电子章，因此对任何人都没有约束力。",
            "pdfsig draft.pdf 2>&1",
            ("does not contain any signatures",),
        )
    yield from _of_trail(known)
    yield _of_today(known)


def _of_seal(file: str, signature: Signature) -> Iterator[Step]:
    stem = file.removesuffix(".pdf")
    chain, root = f"certificates/{stem}.pem", f"certificates/{stem}-root.pem"
    at = f"-attime {int(signature.signed_at.timestamp())}"
    yield Step(
        f"{file} is as it was sealed, to its last byte. (Without -nocert pdfsig adds that the issuer is not trusted: "
        "it does not know the root, which the next two steps are about.)",
        f"{file} 与签章时完全一致，直至最后一个字节。（不加 -nocert 时，pdfsig 会提示颁发者不受信任：它不认识根证书，"
        "后两步核对的正是根证书。）",
        f"pdfsig -nocert {file}",
        ("Total document signed", "Signature Validation: Signature is Valid."),
    )
    yield Step(
        f"The seal on {file} was made with a certificate under this root, at the time that it says.",
        f"{file} 的电子章由该根证书下的证书在所述时间签署。",
        f"{{ head -c {signature.before} {file}; tail -c {signature.after} {file}; }} > {stem}.signed\n"
        f"pdfsig -dump {file}\n"
        f"openssl cms -verify -binary -inform DER -in {file}.sig0 -content {stem}.signed -CAfile {root} "
        f"-purpose any {at} -out {stem}.content 2>&1\n"
        f"openssl verify {at} -CAfile {root} -untrusted {chain} {chain}\n"
        f"openssl x509 -in {chain} -noout -subject",
        ("Verification successful", f"{chain}: OK"),
    )
    yield Step(
        "The root is the issuer's: compare this fingerprint with the one that the issuer gave you by another way, "
        "such as a letter, a telephone call, or an earlier contract.",
        "根证书属于发行方：请将此指纹与发行方通过其他途径（信函、电话、以往的合同等）提供给您的指纹核对。",
        f"openssl x509 -in {root} -noout -subject -fingerprint -sha256",
        (signature.root_fingerprint,),
    )
    yield from _of_revocation(stem, chain, root, signature)


def _of_revocation(stem: str, chain: str, root: str, signature: Signature) -> Iterator[Step]:
    for number, _crl in enumerate(signature.crls, 1):
        crl = f"certificates/{stem}-{number}.crl"
        yield Step(
            'The certificate was not revoked by the date of this list. Where it was, it prints "certificate revoked", '
            f'and "openssl crl -in {crl} -noout -text" since when.',
            "截至此吊销列表的日期，证书未被吊销。若已吊销，将输出 certificate revoked，"
            f"可用 openssl crl -in {crl} -noout -text 查看吊销时间。",
            f"openssl crl -in {crl} -noout -issuer -lastupdate\n"
            f"openssl verify -no_check_time -crl_check -CRLfile {crl} -CAfile {root} -untrusted {chain} {chain} 2>&1",
            (f"{chain}: OK",),
        )


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


def _of_trail(known: Known) -> Iterator[Step]:
    yield Step(
        "The audit trail is unbroken: each entry holds the hash of the one before. Note the last hash, and compare it "
        "with that of any bundle of this contract that you get later: there it must be among the entries.",
        "审计记录没有断开：每一条都含有前一条的哈希值。请记下最后一个哈希值；日后再得到此合同的证据包时，其中的记录里必须有这个值。",
        TRAIL,
        (f"unbroken: {len(known.events)} entries, the last {last_hash(known)}",),
    )
    for file in known.documents:
        yield Step(
            f"The audit trail names {file} by its SHA-256, and says when it was made (UTC) and by whom (user number; "
            "null is the system itself).",
            f"审计记录以 SHA-256 列出 {file}，并记明何时（UTC）由谁生成（用户编号；null 表示系统自动）。",
            f'grep "$(sha256sum < {file} | cut -c 1-64)" audit-trail.json',
            (f'"kind":"{TELLS[file]}"',),
        )


def _of_today(known: Known) -> Step:
    shown = FILES[Kind.OFFICIAL] if FILES[Kind.OFFICIAL] in known.documents else FILES[Kind.DRAFT]
    return Step(
        "What the contract is worth today: open the issuer's site, at the address that you know and not only this one, "
        f"and look up the code: {verification_url(known.contract)} It must show the contract number, and for a sealed "
        "contract this SHA-256.",
        "合同目前的效力：打开您所知道的发行方网站（不要只相信此处的网址），查询验证码。页面应显示合同编号；已签章的合同还应显示"
        "下面的 SHA-256。",
        f"sha256sum {shown}",
        (known.documents[shown].sha256,),
    )
