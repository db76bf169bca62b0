"""docs/licences.md names all that is delivered, under the licence it says it has, and each licence is allowed."""

import re
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from scripts.write_sbom import CARRIER, PARTS, licences_of_packages, locked, quoted, table

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/licences.md").read_text()
LICENCES = licences_of_packages()
ALLOWED = set(PAGE.split("\n## Allowed\n")[1].strip().splitlines()[0].split(" · "))
ANSWERED = {(licence, package) for licence, who, _answer in table("Answered") for package in who.split(", ")}
FAMILIES = {"AGPL", "APACHE", "BSD", "GPL", "LGPL", "MIT", "MPL", "OFL", "PSF"}


def of(expression: str) -> set[str]:
    """The licences that an SPDX expression names."""
    return set(re.split(r" AND | OR ", expression))


def families(words: str) -> set[str]:
    spelled = {"PYTHON SOFTWARE FOUNDATION": "PSF", "MOZILLA PUBLIC": "MPL", "LESSER GENERAL PUBLIC LICENSE": "LGPL"}
    spelled |= {"AFFERO GENERAL PUBLIC LICENSE": "AGPL", "GENERAL PUBLIC LICENSE": "GPL", "LGPLV2+": "LGPL"}
    text = words.upper()
    for long, short in spelled.items():
        text = text.replace(long, short)
    return FAMILIES & set(re.findall(r"[A-Z]+", text))


def declared(package: Distribution) -> str:
    """What a package says of its own licence; classifiers where it has no words for it."""
    said = package.metadata
    classifiers = [one for one in said.get_all("Classifier") or [] if one.startswith("License ::")]
    words = (said.get("License-Expression") or said.get("License") or "").split("\n")[0]
    if not families(words):
        words = " ".join(classifiers)
    return words if families(words) else _heading_of_licence_file(package)


def _heading_of_licence_file(package: Distribution) -> str:
    """The first line of the licence's text, of a package whose metadata name none."""
    texts = [file.read_text() for file in package.files or [] if file.name in {"LICENSE", "LICENSE.txt"}]
    return texts[0].strip().split("\n")[0] if texts else ""


def test_every_locked_package_is_there_and_nothing_else():
    assert sorted(LICENCES) == sorted(locked())
    packages = [name for _licence, names in table("Packages") for name in names.split(", ")]
    assert len(packages) == len(set(packages))


@pytest.mark.parametrize("name", LICENCES)
def test_a_licence_is_allowed_or_answered(name):
    assert {licence for licence in of(LICENCES[name]) if (licence, name) not in ANSWERED} <= ALLOWED


def test_each_answer_is_about_a_package_that_has_the_licence():
    assert {(licence, name) for licence, name in ANSWERED if licence not in of(LICENCES[name])} == set()


@pytest.mark.parametrize("name", LICENCES)
def test_a_package_says_the_same_of_itself(name):
    try:
        package = distribution(name)
    except PackageNotFoundError:
        assert name in {"async-timeout", "colorama", "tzdata"}  # for other systems and versions of Python
        return
    if expression := package.metadata.get("License-Expression"):
        assert LICENCES[name] == expression
    else:
        assert families(declared(package)) == families(LICENCES[name])


@pytest.mark.parametrize("words", ["GPL-3.0-or-later", "GNU Affero General Public License v3", "License :: GPL"])
def test_a_copyleft_is_recognised_however_it_is_written(words):
    assert families(words) & {"GPL", "AGPL"}


@pytest.mark.parametrize(("name", "version", "spdx", "text", "files"), table(PARTS))
def test_a_part_has_an_allowed_licence_whose_text_is_there(name, version, spdx, text, files):
    assert of(spdx) <= ALLOWED
    [path] = quoted(text)
    if files:
        assert (ROOT / path).is_file()
        assert all((ROOT / file).parent == (ROOT / path).parent for file in quoted(files))
    else:
        assert [file for file in distribution(CARRIER).files or [] if str(file).endswith(path)]


def test_every_file_of_others_is_listed():
    listed = {file for *_, files in table(PARTS) for file in quoted(files)}
    kept = {*(ROOT / "static/vendor").iterdir(), *(ROOT / "contracts/pdf/font_files").iterdir()}
    assert listed == {str(path.relative_to(ROOT)) for path in kept if path.suffix in {".js", ".css", ".ttf"}}


def test_the_versions_of_the_parts_are_what_they_carry():
    versions = {name: version for name, version, *_ in table(PARTS)}
    assert f'version:"{versions["htmx"]}"' in (ROOT / "static/vendor/htmx.min.js").read_text()
    read_me = str(distribution(CARRIER).metadata.get_payload())
    for name in ("Swagger UI", "Redoc"):
        assert f"`{name}`_ version ``{versions[name]}``" in read_me


def test_the_fonts_carry_the_version_and_the_licence():
    [(version, files)] = [(row[1], quoted(row[4])) for row in table(PARTS) if row[0] == "Noto Sans SC"]
    for file in files:
        names = TTFont(ROOT / file)["name"]
        assert names.getDebugName(5).startswith(f"Version {version}")
        assert "SIL Open Font License, Version 1.1" in names.getDebugName(13)
        assert "Source" not in names.getDebugName(1)  # the reserved name
