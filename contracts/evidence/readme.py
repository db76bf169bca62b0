"""Render README.txt of a bundle in English and Chinese: the contents, and how to check each item."""

import re
from collections.abc import Collection, Mapping
from textwrap import TextWrapper, indent

from django.utils.translation import override

from contracts.documents.snapshots import verification_url
from contracts.evidence.bundle_steps import CHECKSUMS, SIGNATURE
from contracts.evidence.gathering import Evidence
from contracts.evidence.proofs import DatedFile
from contracts.evidence.seals import Seals
from contracts.evidence.step import Step
from contracts.evidence.steps import steps_of
from contracts.sealing.certificates import Signature

CONTENTS = {
    "draft.pdf": ("the draft that both sides saw, as stored", "双方看到的草稿合同，原样保存"),
    "official.pdf": ("the official contract, sealed", "加盖电子合同章的正式合同"),
    "void-certificate.pdf": ("the sealed certificate that the contract is void", "加盖电子印章的合同作废证明"),
    "contract.json": ("all that the contract says, as it was drafted", "合同的全部内容，以草稿生成时为准"),
    "status.json": ("status and times, checksums of the files", "状态、时间、各文件的哈希值"),
    "orders.json": ("the orders as the contract was drafted from them", "生成合同时的订单数据"),
    "audit-trail.json": ("every change of the contract, chained by hash", "合同的每一次变更，以哈希值相连"),
    "certificates/": (
        "certificates of the seals: signers, roots, revocation lists",
        "电子印章的证书：签章证书、根证书、吊销列表",
    ),
    "timestamps/": (
        "from the sealed files to the issuer's daily lists, and the timestamps over these lists",
        "从签章文件到供应方每日清单的路径，以及清单的时间戳",
    ),
    "official-validation-report.xml": (
        "our validation of official.pdf, in the form of ETSI TS 119 102-2",
        "我们对 official.pdf 的验签报告（ETSI TS 119 102-2 格式）",
    ),
    "void-certificate-validation-report.xml": (
        "the same for void-certificate.pdf",
        "对 void-certificate.pdf 的验签报告",
    ),
    "SHA256SUMS": ("the SHA-256 of every other file", "其他各文件的 SHA-256"),
    "SHA256SUMS.p7s": ("the issuer's signature of SHA256SUMS", "供应方对 SHA256SUMS 的签名"),
}

MARGIN = "    "
CHINESE_CHARACTER = re.compile(r"(\s+|（?[一-鿿“][，。：；、）”？]*)")
"""Where a line may end in Chinese, which has no spaces: after each character and its punctuation."""

INTRODUCTION = """\
You need no account and none of our programs to check this bundle: only sha256sum, cmp, diff, openssl (tested with 3.0),
and pdfsig, pdftotext and pdfdetach from poppler (tested with 22.12). Debian and Ubuntu: apt install poppler-utils
openssl. macOS: brew install poppler coreutils openssl, then export PATH="$(brew --prefix openssl)/bin:$PATH". Windows:
use WSL. Open a terminal in this folder and copy the indented commands as they are, step by step. The output must
contain the text after each →; ignore any other output. The commands change nothing here: they write to a new folder,
../check.

核对时不需要账号，也不需要我们的任何程序，只需 sha256sum、cmp、diff、openssl（已用 3.0 试过）以及 poppler（已用 22.12
试过）的 pdfsig、pdftotext 和 pdfdetach。Debian、Ubuntu：apt install poppler-utils openssl；
macOS：brew install poppler coreutils openssl，再执行 export PATH="$(brew --prefix openssl)/bin:$PATH"；
Windows：请使用 WSL。在本文件所在的文件夹打开终端，按顺序原样复制下面单独列出的命令。
命令的输出中必须包含每个 → 之后的内容，其他输出可以不管。这些命令不会改动本文件夹，只会在新文件夹 ../check 中生成文件。
"""

TEST_NOTICE = """\
TEST. This contract was made for trial, in a test account: it is not a contract and binds nobody. The key that sealed it
and signed this folder is that of the issuer's test accounts, and none of the issuer's seal keys. Where a step compares
with these, ask the issuer for the SHA-256 of the key of its test accounts instead.

TEST 测试。本文件是在测试账户中为试用而制作的，不是真正的合同，对任何人都没有约束力。为其签章并为本文件夹签名的，
是供应方测试账户的密钥，不是供应方的电子印章密钥。凡步骤要求与供应方电子印章公钥核对之处，请改为向供应方索取其测试账户
密钥的 SHA-256 进行核对。
"""

SEALED_PROVES = """\
WHAT THIS PROVES, if all steps end as stated: the sealed files are byte for byte what the holder of the seal's key
sealed, and have not changed since; the official contract contains the whole draft and prints the same text; the files
are those recorded in the audit trail; no entry of the trail can be changed, removed or moved without changing the last
hash; and the holder of the key states all that this folder contains.

可以证明（所有步骤的结果均与所述一致时）：加盖电子印章的文件与签章密钥持有人签署时逐字节相同，此后未被改动；正式合同完整包含草稿，
文字相同；各文件即审计记录所列的文件；审计记录中任何一条被改动、删除或移位，最后一个哈希值都会改变；本文件夹的全部内容均出自
密钥持有人。
"""

DRAFT_PROVES = """\
WHAT THIS PROVES, if all steps end as stated: the holder of the key states all that this folder contains; the draft is
the file recorded in the audit trail; and no entry of the trail can be changed, removed or moved without changing the
last hash. The signature of the checksums is not a seal on the draft: the draft is not binding.

可以证明（所有步骤的结果均与所述一致时）：本文件夹的全部内容均出自密钥持有人；草稿即审计记录所列的文件；审计记录中任何一条被改动、
删除或移位，最后一个哈希值都会改变。对哈希值清单的签名不等于在草稿上盖章：草稿没有约束力。
"""

NOT_PROVED = """\
WHAT IT DOES NOT PROVE:
- That this file is the issuer's. A forger can write another README.txt, with commands that print anything and the
  SHA-256 of another key. What you cannot take from this folder, take from elsewhere: the SHA-256 of the issuer's seal
  keys and the commands of the first step, from the issuer's site at the address that you know, from a letter or by
  telephone. If the first step succeeds with these, the rest of this file is the issuer's.
- That the JSON files are true. They are the issuer's own records. Compare orders.json with the tables of the PDF. The
  trail is the issuer's too: it is only protected if somebody noted its last hash earlier.
- When exactly it was sealed. The time in the seal comes from the issuer's clock, unless a step checks a timestamp.
- That Party A signed anything: the seal is Party B's alone. The trail identifies people by numbers; only the issuer
  knows their names.
- What happened to the contract after this bundle was made: ask the issuer (last step).

不能证明：
- 本文件出自供应方。伪造者可以另写一份 README.txt，让命令显示任何内容，并写上另一把密钥的 SHA-256。以下两项不能取自
  本文件夹，必须另行取得（通过您所知道的供应方网址、信函或电话）：供应方电子印章公钥的 SHA-256，以及第一步的命令。
  用它们完成第一步后，才能确认本文件的其余内容出自供应方。
- JSON 文件的内容属实。它们是供应方自己的记录。请将 orders.json 与 PDF 中的表格核对。审计记录同样出自
  供应方：只有您或他人事先记下的最后一个哈希值才能保护它。
- 确切的签章时间。除非有核对时间戳的步骤，否则签章时间只是供应方时钟的时间。
- 甲方签署过任何内容：电子印章只是乙方的。审计记录以编号指代人员，只有供应方知道是谁。
- 本证据包生成之后合同的变化：请查询（最后一步）。
"""

TEST_SEAL = """\
- ANY LEGAL EFFECT. The seal is a TEST seal, made by the issuer to try the system out (TEST, NOT LEGALLY BINDING). It
  only shows that the files were not changed, and is not binding.
- 任何法律效力。此电子印章是供应方为试用系统自行制作的测试章（TEST, NOT LEGALLY BINDING），只能表明文件未被改动，
  对任何人都没有约束力。
"""

REAL_SEAL = """\
- The legal effect of the seal: it depends on who issued its certificate, and on the applicable law.
- 电子印章的法律效力：取决于证书由谁签发，以及适用的法律。
"""


def readme(evidence: Evidence, seals: Seals, dated: list[DatedFile], *, others: Collection[str]) -> bytes:
    """Return README.txt in UTF-8. `others` are the other names in the bundle."""
    steps = steps_of(evidence, seals, dated, [*others, "README.txt"])
    parts = [
        _head(evidence),
        *([TEST_NOTICE] if evidence.contract.is_test else []),
        _contents(others),
        INTRODUCTION,
        *(_rendered(number, step) for number, step in enumerate(steps, 1)),
        SEALED_PROVES if seals.files else DRAFT_PROVES,
        NOT_PROVED + _legal_effect(seals.files),
    ]
    return "\n".join(parts).encode()


def _head(evidence: Evidence) -> str:
    contract = evidence.contract
    with override("zh-hans"):
        chinese = f"{contract.get_type_display()}，{evidence.status.label}"
    with override("en"):
        english = f"{contract.get_type_display()}, {evidence.status.label}"
    at = f"{evidence.as_of.astimezone(contract.account.tzinfo):%Y-%m-%d %H:%M:%S %z}"
    return (
        f"EVIDENCE OF CONTRACT {contract.number}\n合同 {contract.number} 的证据包\n\n"
        f"{english}; latest change in this bundle: {at}.\n{chinese}；本证据包所载的最后一次变更时间为 {at}。\n"
        f"{verification_url(contract)}\n"
    )


def _contents(others: Collection[str]) -> str:
    lines = []
    for name, (english, chinese) in CONTENTS.items():
        if name in (CHECKSUMS, SIGNATURE) or any(other.startswith(name) for other in others):
            lines.append(f"  {name}\n      {english}\n      {chinese}\n")
    return "".join(lines)


def _rendered(number: int, step: Step) -> str:
    prints = "".join(f"→ {line}\n" for line in step.prints)
    english = _wrapper(100, f"{number}. ").fill(step.english)
    wrapper = _wrapper(60, MARGIN)
    wrapper.wordsep_simple_re = CHINESE_CHARACTER
    chinese = wrapper.fill(step.chinese)
    return f"{english}\n{chinese}\n\n{indent(step.commands, MARGIN * 2)}\n\n{prints}"


def _wrapper(width: int, indent: str) -> TextWrapper:
    return TextWrapper(
        width, initial_indent=indent, subsequent_indent=MARGIN, break_long_words=False, break_on_hyphens=False
    )


def _legal_effect(signatures: Mapping[str, Signature]) -> str:
    if not signatures:
        return ""
    return TEST_SEAL if any(signature.is_test for signature in signatures.values()) else REAL_SEAL
