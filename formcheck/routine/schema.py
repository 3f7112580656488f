"""The JSON schema of the routine format, with which editors complete and check routines.

python -m formcheck.routine.schema > poses/routines/routine.schema.json
"""

from __future__ import annotations

import json
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from formcheck.routine.form import Routine
from formcheck.template_schema import without_null


def routine_schema() -> dict[str, Any]:
    """The schema as plain data."""
    schema = Routine.model_json_schema(by_alias=True)
    document = {"$schema": GenerateJsonSchema.schema_dialect, **schema, "title": "Routine"}
    return {key: without_null(value) for key, value in document.items()}


if __name__ == "__main__":
    print(json.dumps(routine_schema(), indent=1))
