"""Steps of README.txt about the sealed files: signature, certificates, revocation, timestamp."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from contracts.evidence.step import Step
from contracts.sealing.certificates import Chain, Part, Signature, Timestamp


def steps_of_seals(signatures: Mapping[str, Signature], certificates: Mapping[bytes, str]) -> Iterator[Step]:
    """Yield the steps. `signatures` are by file name, `certificates` as returned by certificate_files()."""
    for file, signature in signatures.items():
        yield _intact(file)
        yield _under_root(file, signature, certificates)
        if signature.timestamp:
            yield _stamped(file, signature.timestamp, certificates)
    roots = {one.chain.root_pem: one.chain for one in signatures.values()}
    for chain in roots.values():
        yield _root(chain, certificates)
    issued = {(one.chain.pem, crl): one.chain for one in signatures.values() for crl in one.crls}
    for (_pem, crl), chain in issued.items():
        yield _not_revoked(chain, crl, certificates)


def _intact(file: str) -> Step:
    return Step(
        f"{file} is byte for byte as it was sealed. (Without -nocert, pdfsig adds that the issuer is not trusted: it "
        "does not know the root certificate, which later steps check.)",
        f"{file} 与签章时完全一致，直至最后一个字节。（不加 -nocert 时，pdfsig 会提示颁发者不受信任：它不认识根证书，"
        "根证书由后面的步骤核对。）",
        f"pdfsig -nocert {file}",
        ("Total document signed", "Signature Validation: Signature is Valid."),
    )


def _under_root(file: str, signature: Signature, certificates: Mapping[bytes, str]) -> Step:
    stem, chain = file.removesuffix(".pdf"), certificates[signature.chain.pem]
    trusting = f"{_at(signature.at)} -CAfile {certificates[signature.chain.root_pem]}"
    return Step(
        f"The seal on {file} was made with a certificate under the issuer's root, and the certificate was valid at the "
        f"time in the seal ({_utc(signature.at)}). The last command prints the owner of the certificate.",
        f"{file} 的电子章由发行方根证书下的证书签署，该证书在签章所述时间（{_utc(signature.at)}）有效。"
        "最后一条命令显示证书的持有人。",
        f"{{ head -c {signature.before} {file}; tail -c {signature.after} {file}; }} > {stem}.signed\n"
        f"pdfsig -dump {file}\n"
        f"openssl cms -verify -binary -inform DER -in {file}.sig0 -content {stem}.signed \\\n"
        f"  {trusting} -purpose any -out {stem}.content 2>&1\n"
        f"openssl verify {trusting} -untrusted {chain} {chain}\n"
        f"openssl x509 -in {chain} -noout -subject",
        ("Verification successful", f"{chain}: OK"),
    )


def _stamped(file: str, stamp: Timestamp, certificates: Mapping[bytes, str]) -> Step:
    stem = file.removesuffix(".pdf")
    return Step(
        f"A timestamp server, and not only the issuer, confirms that the seal on {file} existed at {_utc(stamp.at)}. "
        "The last command prints the owner of the server.",
        f"时间戳服务器（而不仅是发行方）证明 {file} 的电子章在 {_utc(stamp.at)} 已经存在。"
        "最后一条命令显示服务器的所有者。",
        f"pdfsig -dump {file}\n"
        f"{_cut(f'{file}.sig0', stamp.value)} > {stem}.value\n"
        f"{_cut(f'{file}.sig0', stamp.token)} > {stem}.timestamp\n"
        f"openssl ts -verify -token_in -in {stem}.timestamp -data {stem}.value {_at(stamp.at)} \\\n"
        f"  -CAfile {certificates[stamp.chain.root_pem]} -untrusted {certificates[stamp.chain.pem]} 2>&1\n"
        f"openssl ts -reply -token_in -in {stem}.timestamp -text 2>&1 | grep Time.stamp\n"
        f"openssl x509 -in {certificates[stamp.chain.pem]} -noout -subject",
        ("Verification: OK", f"{stamp.at.astimezone(UTC):%H:%M:%S}"),
    )


def _root(chain: Chain, certificates: Mapping[bytes, str]) -> Step:
    return Step(
        "The root certificate is the issuer's: compare this fingerprint with the one that the issuer gave you by other "
        "means, such as a letter, a telephone call, or an earlier contract.",
        "根证书属于发行方：请将此指纹与发行方通过其他途径（信函、电话、以往的合同等）提供给您的指纹核对。",
        f"openssl x509 -in {certificates[chain.root_pem]} -noout -subject -fingerprint -sha256",
        (chain.root_fingerprint,),
    )


def _not_revoked(chain: Chain, crl: bytes, certificates: Mapping[bytes, str]) -> Step:
    signer, list_ = certificates[chain.pem], certificates[crl]
    return Step(
        'The certificate had not been revoked when this list was issued. Otherwise "certificate revoked" is printed '
        "instead; run the first command with -text in place of -lastupdate to see since when.",
        "此吊销列表发布时，证书尚未被吊销。若已被吊销，则显示 certificate revoked；将第一条命令中的 -lastupdate "
        "换成 -text 可查看吊销时间。",
        f"openssl crl -in {list_} -noout -issuer -lastupdate\n"
        f"openssl verify -no_check_time -crl_check -CRLfile {list_} -CAfile {certificates[chain.root_pem]} \\\n"
        f"  -untrusted {signer} {signer} 2>&1",
        (f"{signer}: OK",),
    )


def _cut(file: str, part: Part) -> str:
    return f"tail -c +{part.start + 1} {file} | head -c {part.size}"


def _at(at: datetime) -> str:
    """Return openssl's option to judge certificates as of that time."""
    return f"-attime {int(at.timestamp())}"


def _utc(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
