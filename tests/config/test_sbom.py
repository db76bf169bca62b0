"""docs/sbom.json names what is delivered, exactly; `make sbom` writes it."""

import hashlib
import json
import re
import tomllib

import pytest

from scripts.write_sbom import PARTS, ROOT, licence, licences_of_packages, locked, normal, quoted, table

TEXT = (ROOT / "docs/sbom.json").read_text()
BOM = json.loads(TEXT)
COMPONENTS = {component["name"]: component for component in BOM["components"]}
NEEDS = {one["ref"]: one["dependsOn"] for one in BOM["dependencies"]}
US = BOM["metadata"]["component"]
LICENCES = licences_of_packages() | {name: spdx for name, _version, spdx, *_ in table(PARTS)}


def test_it_names_the_locked_packages_and_the_parts_in_their_versions():
    parts = {name: version for name, version, *_ in table(PARTS)}
    assert {name: component["version"] for name, component in COMPONENTS.items()} == locked() | parts
    assert len(BOM["components"]) == len(COMPONENTS)


@pytest.mark.parametrize("name", COMPONENTS)
def test_a_component_has_the_licence_that_the_page_says(name):
    assert COMPONENTS[name]["licenses"] == licence(LICENCES[name])


def test_the_hashes_are_those_of_the_files():
    files = {file["name"]: file["hashes"] for one in COMPONENTS.values() for file in one.get("components", [])}
    assert set(files) == {file for *_, names in table(PARTS) for file in quoted(names)}
    for name, hashes in files.items():
        digest = hashlib.sha256((ROOT / name).read_bytes()).hexdigest()
        assert hashes == [{"alg": "SHA-256", "content": digest}]


def test_we_need_what_pyproject_says_and_each_need_is_a_component():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = {normal(re.split(r"[\[<>=]", one)[0]) for one in project["dependencies"]}
    refs = {component["bom-ref"]: name for name, component in COMPONENTS.items()}
    assert {refs[ref] for ref in NEEDS[US["bom-ref"]]} == wanted | {"htmx", "Noto Sans SC"}
    assert {other for others in NEEDS.values() for other in others} | set(NEEDS) <= {*refs, US["bom-ref"]}
    assert (US["name"], US["version"]) == (project["name"], project["version"])


def test_it_is_the_same_whenever_and_wherever_it_is_written():
    assert not {"serialNumber"} & set(BOM)
    assert not {"timestamp"} & set(BOM["metadata"])
    assert re.findall(r"https?://[^\"]+", TEXT) == ["http://cyclonedx.org/schema/bom-1.6.schema.json"]
