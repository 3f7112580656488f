"""The JSON schema of the template format, with which editors complete and check templates.

    python -m formcheck.template_schema > poses/template.schema.json

It knows keys, types and fixed words. Expressions and names that refer to each other are checked by
``formcheck check-template``.
"""

from __future__ import annotations

import json
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from formcheck.judge.posture import POSTURES
from formcheck.judge.template import Template


class _WithoutTitles(GenerateJsonSchema):
    """Editors show a title in place of the key that has to be written, so keys have none."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def template_schema() -> dict[str, Any]:
    """The schema as plain data."""
    schema = Template.model_json_schema(by_alias=True, schema_generator=_WithoutTitles)
    # The words that a validator knows but a type does not.
    schema["properties"]["posture"]["enum"] = list(POSTURES)
    document = {"$schema": GenerateJsonSchema.schema_dialect, **schema, "title": "Exercise template"}
    return {key: without_null(value) for key, value in document.items()}


def without_null(value: Any) -> Any:
    """The same without the alternative "null", which TOML does not have: what is not wanted is left out."""
    if isinstance(value, list):
        return [without_null(item) for item in value]
    if not isinstance(value, dict):
        return value
    value = {key: without_null(item) for key, item in value.items() if item is not None}
    choices = [choice for choice in value.get("anyOf", ()) if choice != {"type": "null"}]
    if len(choices) == 1:
        del value["anyOf"]
        value = {**choices[0], **value}
    return value


def schema_text() -> str:
    """The schema as the text of its file."""
    return json.dumps(template_schema(), indent=1) + "\n"


if __name__ == "__main__":
    print(schema_text(), end="")
