# Copyright (c) eightbyeight.scim contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write a CycloneDX bill of what the collection and its demo need, from the demo's lock: sbom.py ARCHIVE OUTPUT.

The command of cyclonedx-bom would do, but it writes the address of an index and the whole line of the lock into each component,
knows of no dependencies, and does not tell what users need from what only the demo needs. Nothing here depends on when, where
or on which Python it runs.
"""

from __future__ import annotations

import json
import sys
import tarfile
from pathlib import Path
from typing import Any

from cyclonedx.model import ExternalReference, ExternalReferenceType, HashAlgorithm, HashType, Property, XsUri
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.model.license import LicenseExpression
from cyclonedx.output.json import JsonV1Dot6
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from locks import Pin, lock, pins
from matrix import OLDEST_TARGET
from packageurl import PackageURL

# What its users install, by meta/ee-requirements.txt; the rest of the demo is the emulator and Ansible itself.
USERS = "ee-requirements.txt"


def _component(pin: Pin, scope: ComponentScope) -> Component:
    purl = PackageURL("pypi", name=pin.name, version=pin.version)
    hashes = [HashType(alg=HashAlgorithm.SHA_256, content=value) for value in sorted(pin.hashes)]
    return Component(
        name=pin.name,
        version=pin.version,
        bom_ref=str(purl),
        purl=purl,
        scope=scope,
        description=f"where {pin.marker}" if pin.marker else None,
        # Its files, one hash each; a package URL is an address that names no index.
        external_references=[
            ExternalReference(type=ExternalReferenceType.DISTRIBUTION, url=XsUri(str(purl)), hashes=hashes)
        ],
    )


def _needed() -> set[str]:
    """Return the names of what the collection's users need, and of what that needs.

    From a lock without the emulator, which asks for extras of the same libraries.
    """
    locked = pins(lock(f"target-{OLDEST_TARGET}").read_text(encoding="utf-8"))
    needed = {pin.name for pin in locked if any(word.endswith(USERS) for word in pin.via)}
    while more := {pin.name for pin in locked if needed.intersection(pin.via)} - needed:
        needed |= more
    return needed


def bill(collection: dict[str, Any], locked: list[Pin]) -> str:
    """Return the bill as JSON."""
    needed = _needed()
    version = collection["version"]
    root = Component(
        name=f"{collection['namespace']}.{collection['name']}",
        version=version,
        type=ComponentType.LIBRARY,
        bom_ref=f"{collection['namespace']}.{collection['name']}@{version}",
        description=collection["description"],
        licenses=[LicenseExpression(collection["license"][0])],
    )
    parts = {
        pin: _component(pin, ComponentScope.REQUIRED if pin.name in needed else ComponentScope.OPTIONAL)
        for pin in locked
    }
    bom = Bom(components=parts.values())
    bom.metadata.component = root
    bom.register_dependency(
        root, [part for pin, part in parts.items() if any(word.startswith("-r ") for word in pin.via)]
    )
    for pin, part in parts.items():
        bom.register_dependency(part, [other for other_pin, other in parts.items() if pin.name in other_pin.via])
    # As the command of cyclonedx-bom makes a bill reproducible.
    bom.metadata.properties.add(Property(name="cdx:reproducible", value="true"))
    bom.serial_number = None  # type: ignore[assignment]
    bom.metadata.timestamp = None  # type: ignore[assignment]
    return str(JsonV1Dot6(bom).output_as_string(indent=2)) + "\n"


def main() -> int:
    """Write the bill of an archive; return the exit status."""
    archive, output = map(Path, sys.argv[1:])
    with tarfile.open(archive) as tar:
        manifest = tar.extractfile("MANIFEST.json")
        assert manifest is not None
        collection = json.load(manifest)["collection_info"]
    text = bill(collection, pins(lock("demo").read_text(encoding="utf-8")))
    error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if error:
        print(f"not what CycloneDX 1.6 asks for: {error}", file=sys.stderr)
        return 1
    output.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
