"""``angles.parquet``: the table of ``angles.csv`` for pandas, polars, R and databases, in a seventh of the space.

Needs pyarrow: ``pip install 'formcheck[parquet]'``.
"""

from __future__ import annotations

import os
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from formcheck.errors import OutputError
from formcheck.judge.moment import Moment
from formcheck.judge.template import Template
from formcheck.show.export import ANGLES_COLUMNS, AngleRows
from formcheck.unfinished import UnfinishedFile, output_error

_ROWS_AT_ONCE = 50_000
_NUMBERS = ("time_s", "value", "confidence")


class AngleParquet:
    """The table being written, with flat memory.

    Use it in a `with` block: the file appears, complete, when the block ends well; otherwise nothing is left of it.

    Raises:
        OutputError: pyarrow is missing, or the file cannot be written.
    """

    def __init__(self, path: str | os.PathLike[str], template: Template) -> None:
        try:
            import pyarrow
            from pyarrow import parquet
        except ImportError as error:
            raise OutputError(
                "Parquet files need pyarrow, which is not installed. Install it with: pip install 'formcheck[parquet]'"
            ) from error
        words, numbers = pyarrow.dictionary(pyarrow.int32(), pyarrow.string()), pyarrow.float64()
        kinds = {**dict.fromkeys(_NUMBERS, numbers), "in_position": pyarrow.int8()}
        self._schema = pyarrow.schema([(name, kinds.get(name, words)) for name in ANGLES_COLUMNS])
        self._pyarrow: Any = pyarrow
        self._angles = AngleRows(template)
        self._rows: list[tuple[Any, ...]] = []
        self._file = UnfinishedFile(Path(path))
        try:
            self._writer = parquet.ParquetWriter(self._file.path, self._schema, compression="zstd")
        except BaseException as error:
            self._file.discard()
            if isinstance(error, OSError):
                raise output_error(self._file.final, error) from error
            raise

    def update(self, moment: Moment, frame: object = None) -> None:
        """Adds the angles of a moment."""
        self._rows.extend(self._angles.of(moment))
        if len(self._rows) >= _ROWS_AT_ONCE:
            self._flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self._flush()
            self._writer.close()
        except OSError as failure:
            self._file.discard()
            raise output_error(self._file.final, failure) from failure
        except BaseException:
            self._file.discard()
            raise
        if error is None:
            self._file.finish()
        else:
            self._file.discard()

    def _flush(self) -> None:
        columns = list(zip(*self._rows, strict=True)) or [()] * len(ANGLES_COLUMNS)
        arrays = [self._pyarrow.array(column, field.type) for column, field in zip(columns, self._schema, strict=True)]
        self._rows.clear()
        try:
            self._writer.write_table(self._pyarrow.Table.from_arrays(arrays, schema=self._schema))
        except OSError as failure:
            raise output_error(self._file.final, failure) from failure
