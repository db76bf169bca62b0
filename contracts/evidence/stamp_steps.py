"""Steps of README.txt about daily lists and the timestamps over them."""

from collections.abc import Iterator, Mapping
from datetime import UTC
from hashlib import sha256

from contracts.evidence.proofs import DatedFile, token_of
from contracts.evidence.seals import stem_of
from contracts.evidence.step import Step, at_time, in_utc

ROOT_SCRIPT = r"""
printf '%s\n' '
  bytes() { printf %b "$(printf "\\\\0%03o" $(echo "$1" | sed "s/../0x& /g"))"; }
  node() { { printf "\001"; bytes "$1"; bytes "$2"; } | sha256sum | cut -c 1-64; }
  read -r line
  hash=$({ printf "\000"; printf %s "$line"; } | sha256sum | cut -c 1-64)
  if [ "$1" ]; then hash=$(node "$1" "$hash"); fi
  while read -r side other; do
    case $side in left) hash=$(node "$other" "$hash") ;; right) hash=$(node "$hash" "$other") ;; esac
  done
  echo "$hash"' > ../check/root.sh
""".strip()
"""Shell script that computes the root to which a path leads, for one beneath a given root if there is an argument."""


def steps_of_stamps(files: list[DatedFile], certificates: Mapping[bytes, str]) -> Iterator[Step]:
    """Yield the steps; `certificates` are PEM → name in the bundle."""
    for file in files:
        yield _listed(file)
        for position in range(len(file.stamps)):
            yield _stamped(file, position, certificates)


def _listed(file: DatedFile) -> Step:
    name, proof = file.name, file.proof
    return Step(
        f"The issuer's daily list {proof.list_number} of {proof.day} (UTC) names {name}. The list is a Merkle tree: "
        f"{file.path} begins with the document's line, and the hashes below it lead to the root, which is printed "
        "last. Auditors to whom the issuer sends the roots of its lists can compare it.",
        f"供应方 {proof.day}（UTC）的第 {proof.list_number} 号每日清单载有 {name}。清单是一棵默克尔树："
        f"{file.path} 的第一行对应该文件，其下的哈希值逐级通往树根，即最后显示的值。"
        "如果供应方向审计师提供每日清单的树根，审计师可以据此核对。",
        f"{ROOT_SCRIPT}\n"
        f'head -n 1 {file.path} | grep " $(sha256sum < {name} | cut -c 1-64)\\$"\n'
        f"sh ../check/root.sh < {file.path} | tee ../check/{stem_of(name)}.root",
        (proof.leaf, proof.root),
    )


def _stamped(file: DatedFile, position: int, certificates: Mapping[bytes, str]) -> Step:
    """Return the step of one timestamp. It is judged as of the time when the next one renewed it."""
    stem, stamp, proof = stem_of(file.name), file.stamps[position], file.proof.stamps[position]
    judged_at = file.stamps[min(position + 1, len(file.stamps) - 1)].at
    path, token = file.path_to(proof), token_of(proof)
    renewed = file.proof.stamps[:position]
    lines = [
        *(f'head -n 1 {path} | grep -o "$(sha256sum < {token_of(one)} | cut -c 1-64)"' for one in renewed),
        f'root=$(sh ../check/root.sh "$(cat ../check/{stem}.root)" < {path})',
        f'openssl ts -verify -digest "$root" -token_in -in {token} {at_time(judged_at)} \\',
        f"  -CAfile {certificates[stamp.chain.root_pem]} -untrusted {certificates[stamp.chain.pem]} 2>&1",
        f"openssl ts -reply -token_in -in {token} -text 2>&1 | grep Time.stamp",
        f"openssl x509 -in {certificates[stamp.chain.pem]} -noout -subject",
    ]
    hashes = (sha256(one.token).hexdigest() for one in renewed)
    english, chinese = _meaning(file, position)
    prints = (*hashes, "Verification: OK", f"{stamp.at.astimezone(UTC):%H:%M:%S}")
    return Step(english, chinese, "\n".join(lines), prints)


def _meaning(file: DatedFile, position: int) -> tuple[str, str]:
    """Return what the timestamp proves, in both languages."""
    number, stamp, at = file.proof.list_number, file.stamps[position], in_utc(file.stamps[position].at)
    if position:
        english = (
            f"A later timestamp, of {at}, renews the earlier ones: its line about list {number} names their SHA-256, "
            "so they existed before their own certificates ended."
        )
        chinese = (
            f"{at} 的时间戳为以前的时间戳续期：它关于第 {number} 号清单的一行载有以前各时间戳的 SHA-256，"
            "证明这些时间戳在其证书到期之前就已存在。"
        )
    else:
        english = (
            f"A timestamp server, and not only the issuer, confirms that list {number}, and so {file.name}, existed at "
            f"{at}. The path begins with the timestamp's line about the list, whose third value is the list's root."
        )
        chinese = (
            f"时间戳服务器（而不仅是供应方）证明第 {number} 号清单在 {at} 已经存在，{file.name} 因此也已存在。"
            "路径文件的第一行是该时间戳关于此清单的记录，其中第三项为清单的树根。"
        )
    if position == len(file.stamps) - 1:
        english += f" Its certificates end on {stamp.ends_at:%Y-%m-%d} (UTC): after that, get a newer bundle."
        chinese += f"其证书于 {stamp.ends_at:%Y-%m-%d}（UTC）到期，此后请取得新的证据包。"
    return english, chinese
