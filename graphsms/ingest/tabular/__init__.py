"""CSV and Excel by a mapping file: read, drafted from headers and values, and tried out."""

from __future__ import annotations

from graphsms.ingest.tabular.keys import KEYS
from graphsms.ingest.tabular.mapping_file import read_mapping
from graphsms.ingest.tabular.reader import BESIDE, TableReader, is_table, without_mapping

__all__ = ["BESIDE", "KEYS", "TableReader", "is_table", "read_mapping", "without_mapping"]
