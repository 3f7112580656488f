"""The software bill of materials of an environment that formcheck is installed in: CycloneDX 1.6 as JSON.

    python3 -m venv tool && tool/bin/python -m pip install --group sbom
    tool/bin/python tests/sbom.py .venv/bin/python formcheck.cdx.json

The packages and their licences are listed by cyclonedx-py; what is added here is formcheck as the subject and the pose
models, which are fetched by their sha256. It names no file of this machine, and is checked against CycloneDX's schema.
"""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path
from typing import Any

NAME = "formcheck"

ASK = """
import json
from formcheck.see.download import OFFICIAL, official_address
print(json.dumps([[variant, official_address(variant), sha256] for variant, (_, sha256) in OFFICIAL.items()]))
"""


def packages(python: str) -> dict[str, Any]:
    """What cyclonedx-py finds installed for this Python."""
    tool = Path(sysconfig.get_path("scripts")) / "cyclonedx-py"
    options = ["environment", "--output-reproducible", "--spec-version", "1.6", "--output-format", "JSON", "--validate"]
    bill: dict[str, Any] = json.loads(subprocess.run([tool, *options, python], check=True, capture_output=True).stdout)
    return bill


def completed(bill: dict[str, Any], models: Iterable[tuple[str, str, str]]) -> dict[str, Any]:
    """The bill with formcheck as its subject and with the pose models (variant, address, sha256), without local files.

    Raises:
        ValueError: formcheck is not installed there.
    """
    own = [one for one in bill["components"] if one["name"] == NAME]
    if not own:
        raise ValueError(f"{NAME} is not installed in that environment.")
    others = [one for one in bill["components"] if one["name"] != NAME]
    for one in (*own, *others):
        references = [each for each in one.get("externalReferences", ()) if not each["url"].startswith("file:")]
        one["externalReferences"] = references
    own[0]["type"] = "application"
    weights = [
        {
            "type": "machine-learning-model",
            "bom-ref": f"pose_landmarker_{variant}",
            "name": f"pose_landmarker_{variant}",
            "version": "1",
            "publisher": "Google",
            "description": "BlazePose; fetched when it is first needed",
            "hashes": [{"alg": "SHA-256", "content": sha256}],
            "licenses": [{"license": {"id": "Apache-2.0"}}],
            "externalReferences": [{"type": "distribution", "url": address}],
        }
        for variant, address, sha256 in models
    ]
    return bill | {"metadata": bill["metadata"] | {"component": own[0]}, "components": others + weights}


def checked(bill: dict[str, Any]) -> str:
    """The bill as text.

    Raises:
        ValueError: CycloneDX's schema does not permit it.
    """
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    text = json.dumps(bill, indent=2, sort_keys=True) + "\n"
    if (mistake := JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)) is not None:
        raise ValueError(f"The bill of materials is not valid: {mistake}")
    return text


def main(arguments: list[str]) -> None:
    """Writes the bill of the Python that is given into the file that is given."""
    python, out = arguments
    models = json.loads(subprocess.run([python, "-c", ASK], check=True, capture_output=True).stdout)
    bill = completed(packages(python), models)
    Path(out).write_text(checked(bill), encoding="utf-8")
    print(f"{out}: {bill['metadata']['component']['version']} with {len(bill['components'])} components")


if __name__ == "__main__":
    main(sys.argv[1:])
