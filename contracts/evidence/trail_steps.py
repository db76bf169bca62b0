"""Steps of README.txt about the audit trail: its chain, and what it records of the files."""

from collections.abc import Iterator

from contracts.evidence.files import last_hash
from contracts.evidence.gathering import FILES, Evidence, Kind
from contracts.evidence.step import Step
from contracts.models import AuditEvent

RECORDED_BY = {
    FILES[Kind.DRAFT]: AuditEvent.Kind.DRAFTED,
    FILES[Kind.OFFICIAL]: AuditEvent.Kind.CONVERTED,
    FILES[Kind.VOID_CERTIFICATE]: AuditEvent.Kind.VOIDED,
}
"""File → the kind of event that records its SHA-256."""

TRAIL = r"""
entry='{"actor":[0-9nul]*,"at":"[^"]*","contract":"NUMBER","data":{[^{}]*},"kind":"[a-z_]*"'
entry=$entry',"position":\([0-9]*\),"previous":"\([0-9a-f]*\)","source":"[a-z]*","ticket":[0-9nul]*}'
LC_ALL=C sed -e 's/^{"hash":"\([0-9a-f]*\)","event":\('"$entry"'\)},\{0,1\}$/\1 \3=\4 \2/' -e t \
  -e 's/^/? ? /' audit-trail.json | (
  previous= count=0
  exec 3> ../check/entries
  while read -r hash place event; do
    case $place$event in '?{"contract":"NUMBER","last_hash":'* | '?]}') continue ;; esac
    count=$((count + 1))
    if [ "$place" = '?' ]; then echo "NOT UNDERSTOOD: $event"; exit 1; fi
    if [ "$(printf %s "$event" | sha256sum | cut -c 1-64)" != "$hash" ]; then echo "CHANGED: $event"; exit 1; fi
    if [ "$place" != "$count=$previous" ]; then echo "NOT NEXT: $event"; exit 1; fi
    if [ $count -gt 1 ]; then echo , >&3; fi
    printf '{"hash":"%s","event":%s}' "$hash" "$event" >&3
    previous=$hash
  done
  { printf '{"contract":"NUMBER","last_hash":"%s","events":[\n' "$previous"; cat ../check/entries; printf '\n]}\n'; } |
    diff - audit-trail.json && echo "unbroken: $count entries, the last $previous" )
""".strip()
"""Shell script that recomputes the chain: each entry's hash matches its text, and the next entry contains it.

It writes the file again from the entries that it read, so any other line, or byte, makes a difference.
"""


def steps_of_trail(evidence: Evidence) -> Iterator[Step]:
    yield Step(
        "The audit trail is unbroken: each entry contains the hash of the previous one, and the file contains nothing "
        "else. Otherwise the commands print the entry that is wrong. In an entry, `at` is the time (UTC), `kind` the "
        "event, `actor` the user number (null is the system), `source` where it came from (admin: the issuer's staff), "
        "`ticket` the number of a void request. Note the last hash. If you get another bundle of this contract later, "
        "its entries must include this hash.",
        "审计记录连续完整：每一条都含有前一条的哈希值，文件中也没有其他内容；否则会显示有问题的那一条。其中"
        " at 为时间（UTC），kind 为事项，actor 为用户编号（null 表示系统自动），source 为来源（admin 表示供应方人员），"
        "ticket 为作废申请的编号。请记下最后一个哈希值；日后再得到此合同的证据包时，其中的记录里必须有这个值。",
        TRAIL.replace("NUMBER", evidence.contract.number),
        (f"unbroken: {len(evidence.events)} entries, the last {last_hash(evidence)}",),
    )
    yield Step(
        "The audit trail records the SHA-256 of contract.json since the contract was drafted. The form of the file is "
        "RFC 8785. Compare its parties, orders and amounts with the PDF.",
        "审计记录自草稿生成时起就载有 contract.json 的 SHA-256。该文件采用 RFC 8785 的规范格式。"
        "请将其中的双方信息、订单和金额与 PDF 核对。",
        'grep "\\"contract_json\\":\\"$(sha256sum < contract.json | cut -c 1-64)\\"" audit-trail.json',
        (f'"kind":"{AuditEvent.Kind.DRAFTED}"',),
    )
    yield from _of_attached_data(evidence)
    for file in evidence.documents:
        yield Step(
            f"The audit trail records the SHA-256 of {file}, and when and by whom it was made.",
            f"审计记录以 SHA-256 列出 {file}，并记明何时由谁生成。",
            f'grep "\\"sha256\\":\\"$(sha256sum < {file} | cut -c 1-64)\\"" audit-trail.json',
            (f'"kind":"{RECORDED_BY[file]}"',),
        )


def _of_attached_data(evidence: Evidence) -> Iterator[Step]:
    for file in FILES.values():
        if file in evidence.documents and file != FILES[Kind.VOID_CERTIFICATE]:
            yield Step(
                f"{file} carries contract.json as an attachment: the same bytes, for programs.",
                f"{file} 的附件中带有 contract.json，内容逐字节相同，供程序读取。",
                f"pdfdetach -savefile contract.json -o ../check/{file}.json {file} &&\n"
                f"cmp ../check/{file}.json contract.json && echo the same data",
                ("the same data",),
            )
