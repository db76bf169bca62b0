"""Steps of README.txt about the sealed files: signature, certificates, revocation, timestamp."""

from collections.abc import Iterator, Mapping
from datetime import UTC

from contracts.evidence.seals import Seals, report_of, stem_of
from contracts.evidence.step import Step, at_time, in_utc, print_key
from contracts.sealing.certificates import Chain, Part, Signature, Timestamp


def steps_of_seals(seals: Seals) -> Iterator[Step]:
    for file, signature in seals.files.items():
        yield _intact(file)
        yield _by_our_key(file, signature, seals.names)
        yield _reported(file, signature)
        if signature.timestamp:
            yield _stamped(file, signature.timestamp, seals.names)
    for chain in {chain.root_pem: chain for chain in seals.signers.values()}.values():
        yield _root(chain, seals.names)
    issued = {(chain.pem, crl): (stem, chain) for stem, chain in seals.signers.items() for crl in chain.crls}
    for (_pem, crl), (stem, chain) in issued.items():
        yield _not_revoked(stem, chain, crl, seals.names)


def _intact(file: str) -> Step:
    return Step(
        f"{file} is byte for byte as it was sealed. (Without -nocert, pdfsig adds that the issuer is not trusted: it "
        "does not know the root certificate, which later steps check.)",
        f"{file} 与签章时完全一致，直至最后一个字节。（不加 -nocert 时，pdfsig 会提示颁发者不受信任：它不认识根证书，"
        "根证书由后面的步骤核对。）",
        f"pdfsig -nocert {file}",
        ("Total document signed", "Signature Validation: Signature is Valid."),
    )


def _by_our_key(file: str, signature: Signature, certificates: Mapping[bytes, str]) -> Step:
    stem = stem_of(file)
    return Step(
        f"The issuer's key sealed {file}, under the issuer's root, and the certificate was valid at the time in the "
        f"seal ({in_utc(signature.at)}). The last commands print the owner of the certificate that made the seal and "
        "the SHA-256 of its public key: compare it with the issuer's seal keys, as in the first step.",
        f"{file} 由供应方的密钥签章，其证书由供应方的根证书签发，在签章所述时间（{in_utc(signature.at)}）有效。"
        "最后两条命令显示签章所用证书的持有人和公钥的 SHA-256：请按第一步的方法与供应方的电子印章公钥核对。",
        f"{_signed_part(file, signature)} > ../check/{stem}.signed\n"
        f"{_take_signature_from(file)}\n"
        f"openssl cms -verify -binary -inform DER -in ../check/{file}.sig0 -content ../check/{stem}.signed \\\n"
        f"  {at_time(signature.at)} -CAfile {certificates[signature.chain.root_pem]} -purpose any \\\n"
        f"  -signer ../check/{stem}.pem -out ../check/{stem}.content 2>&1\n"
        f"{print_key(f'../check/{stem}.pem')}",
        ("Verification successful", signature.chain.fingerprint),
    )


def _reported(file: str, signature: Signature) -> Step:
    report = report_of(file)
    return Step(
        f"{report} is our own validation of this very file, as of the time of sealing, for programs that read such "
        "reports. It repeats the steps above and does not replace them.",
        f"{report} 是我们自己对此文件的验签结果（以签章时间为准），供能读取此类报告的程序使用。"
        "它只是重复以上步骤，不能代替这些步骤。",
        f"signed=$({_signed_part(file, signature)} | openssl dgst -sha256 -binary | openssl base64)\n"
        f'grep -F "$signed" {report} && echo the same file\n'
        f"grep -o 'mainindication:[a-z-]*' {report}",
        ("the same file", "mainindication:total-passed"),
    )


def _stamped(file: str, stamp: Timestamp, certificates: Mapping[bytes, str]) -> Step:
    stem = stem_of(file)
    return Step(
        f"A timestamp server, and not only the issuer, confirms that the seal on {file} existed at {in_utc(stamp.at)}. "
        "The last command prints the owner of the server.",
        f"时间戳服务器（而不仅是供应方）证明 {file} 的电子印章在 {in_utc(stamp.at)} 已经存在。"
        "最后一条命令显示服务器的所有者。",
        f"{_take_signature_from(file)}\n"
        f"{_cut(f'../check/{file}.sig0', stamp.value)} > ../check/{stem}.value\n"
        f"{_cut(f'../check/{file}.sig0', stamp.token)} > ../check/{stem}.timestamp\n"
        f"openssl ts -verify -token_in -in ../check/{stem}.timestamp -data ../check/{stem}.value \\\n"
        f"  {at_time(stamp.at)} -CAfile {certificates[stamp.chain.root_pem]} \\\n"
        f"  -untrusted {certificates[stamp.chain.pem]} 2>&1\n"
        f"openssl ts -reply -token_in -in ../check/{stem}.timestamp -text 2>&1 | grep Time.stamp\n"
        f"openssl x509 -in {certificates[stamp.chain.pem]} -noout -subject",
        ("Verification: OK", f"{stamp.at.astimezone(UTC):%H:%M:%S}"),
    )


def _root(chain: Chain, certificates: Mapping[bytes, str]) -> Step:
    return Step(
        "The root certificate is the issuer's: compare this fingerprint with the one that the issuer gave you by other "
        "means, such as a letter, a telephone call, or an earlier contract.",
        "根证书属于供应方：请将此指纹与供应方通过其他途径（信函、电话、以往的合同等）提供给您的指纹核对。",
        f"openssl x509 -in {certificates[chain.root_pem]} -noout -subject -fingerprint -sha256",
        (chain.root_fingerprint,),
    )


def _not_revoked(stem: str, chain: Chain, crl: bytes, certificates: Mapping[bytes, str]) -> Step:
    signer, list_ = f"../check/{stem}.pem", certificates[crl]
    return Step(
        "The certificate that an earlier step took from the signature had not been revoked when this list was issued. "
        'Otherwise "certificate revoked" is printed instead; run the first command with -text in place of -lastupdate '
        "to see since when.",
        "前面步骤从签名中取出的证书，在此吊销列表发布时尚未被吊销。若已被吊销，则显示 certificate revoked；将第一条"
        "命令中的 -lastupdate 换成 -text 可查看吊销时间。",
        f"openssl crl -in {list_} -noout -issuer -lastupdate\n"
        f"openssl verify -no_check_time -crl_check -CRLfile {list_} -CAfile {certificates[chain.root_pem]} \\\n"
        f"  -untrusted {certificates[chain.pem]} {signer} 2>&1",
        (f"{signer}: OK",),
    )


def _take_signature_from(file: str) -> str:
    """pdfsig writes {file}.sig0 to the current folder."""
    return f'(cd ../check && pdfsig -dump "$OLDPWD/{file}")'


def _signed_part(file: str, signature: Signature) -> str:
    return f"{{ head -c {signature.before} {file}; tail -c {signature.after} {file}; }}"


def _cut(file: str, part: Part) -> str:
    return f"tail -c +{part.start + 1} {file} | head -c {part.size}"
