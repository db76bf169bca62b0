"""Steps of README.txt about the folder as a whole: who signed it, and that nothing was changed, removed or added."""

from collections.abc import Collection, Iterator

from django.conf import settings
from django.urls import reverse

from contracts.evidence.seals import Seals
from contracts.evidence.step import Step, print_key

CHECKSUMS, SIGNATURE = "SHA256SUMS", "SHA256SUMS.p7s"

COMPARE_NAMES = f"""
{{ cut -c 67- {CHECKSUMS}; echo {CHECKSUMS}; echo {SIGNATURE}; }} | sed 's|^|./|' | LC_ALL=C sort > ../check/names
find . ! -type d | LC_ALL=C sort | diff ../check/names - && echo "no other files"
""".strip()


def steps_of_bundle(seals: Seals, names: Collection[str]) -> Iterator[Step]:
    """Yield the steps; `names` are those in SHA256SUMS."""
    yield _signed(seals)
    yield Step(
        "No file has changed since then.",
        "此后文件均未改动。",
        f"sha256sum -c {CHECKSUMS}",
        tuple(f"{name}: OK" for name in sorted(names)),
    )
    yield Step(
        "No file was added or removed. Otherwise its name is printed, after > if it was added and after < if it is "
        "missing. Files that were added prove nothing.",
        "没有增加或缺少文件。否则会显示文件名：> 之后是多出的文件，< 之后是缺少的文件。多出的文件不能作为证据。",
        COMPARE_NAMES,
        ("no other files",),
    )


def _signed(seals: Seals) -> Step:
    page = f"{settings.SITE_URL}{reverse('verify')}"
    return Step(
        "The issuer prepared this folder: its seal signed the list of checksums. The commands take the certificate "
        "from the signature itself, and print its owner and the SHA-256 of its public key. Compare this SHA-256 with "
        f"the issuer's seal keys, which {page} lists (open the site at the address that you know) and the issuer can "
        "give you by other means. A forger would sign with another key, and change this file to match it.",
        "本文件夹由供应方制作：哈希值清单由其电子印章签名。以下命令从签名本身取出证书，显示证书持有人和公钥的 SHA-256。"
        f"请将此 SHA-256 与供应方的电子印章公钥核对：{page} 上列有这些公钥（请通过您所知道的网址打开网站），"
        "也可以通过其他途径向供应方索取。伪造者会用另一把密钥签名，并相应改写本文件。",
        "mkdir -p ../check\n"
        f"openssl cms -verify -binary -inform DER -in {SIGNATURE} -content {CHECKSUMS} -no_check_time \\\n"
        f"  -CAfile {seals.names[seals.bundle.root_pem]} -purpose any \\\n"
        "  -signer ../check/bundle.pem -out ../check/bundle.content 2>&1\n"
        f"{print_key('../check/bundle.pem')}",
        ("Verification successful", seals.bundle.fingerprint),
    )
