"""The keys of a mapping file: where each may stand, and what it says. Checked by, and documented from, this list."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

__all__ = ["KEYS"]

_ENTITY: Final = {
    "id": "template of the id, such as `srv:{Hostname|lower}`; filters are lower, upper and slug",
    "type": "a type of the ontology, or `{column, values, otherwise}`: by what a column holds",
    "constants": "properties that every row has, with their values (a list for several)",
    "columns": "by header: a property, or a mapping (see below), or a list of them",
    "relations": "relations that hang on the row rather than on one column",
}
_PIECES: Final = {
    "split": "a separator, or a list of them, between several values in a cell",
    "values": "what is written → what it means; `~` leaves it out; case does not matter",
    "otherwise": "what stands for whatever `values` does not list",
    "format": "the date format, or a list of them, as `%d.%m.%Y`",
    "number": "how numbers are written: `{decimal, thousands, unit, times}`",
    "optional": "`true` where some files do not have the column",
}
_RELATION: Final = {
    "relation": "a relation of the ontology, or `{column, values, otherwise}`: by what a column holds",
    "inverse": "`true` where it leads from the other end to what is described",
    "type": "the type of a placeholder for the other end, where nothing describes it",
    "strength": "`hard` or `soft`, where it is not that of the relation",
    "properties": "what the relation says of itself: property → template",
    "when": "conditions that must hold: `{column, equals}` or `{column, empty}`",
}

# Where a key may stand → key → what it says.
KEYS: Final[Mapping[str, Mapping[str, str]]] = MappingProxyType(
    {
        "mapping": {"tables": "the tables; a file or sheet is read by the first that fits"},
        "table": {
            "file": "pattern of the file name, such as `servers*.csv` [every file]",
            "sheet": "pattern of the sheet's name; a hidden sheet is read only where it is named in full [every sheet]",
            "encoding": "of text that is not UTF-8, such as `cp1252`",
            "delimiter": "one character, or `tab` [found out]",
            "header": "number of the row with the headers [1]",
            "merged": "`fill`: every cell of a merged range has its value [merged cells are a fault]",
            "empty": "what stands for nothing, such as `[-, n/a]`",
            "skip": "rows that are left out: conditions, of which one suffices",
            "required": "columns that must not be empty",
            "ignore": "columns (or patterns of them) that nothing is made of",
            **_ENTITY,
            "also": "further entities that each row describes",
        },
        "also": {
            **_ENTITY,
            "when": "conditions that must hold: `{column, equals}` or `{column, empty}`",
            "optional": "`true`: none is made of a file without the columns of its id",
        },
        "column to a property": {
            "property": "a property of the ontology",
            **_PIECES,
            "template": "the value, with `{value}` for what the column holds, such as `P{value}M`",
        },
        "column to a relation": {
            "id": "template of the id at the other end [`{value}`]",
            "clauses": "`true`: what is written refers to a clause, such as `8.2.3.1 a)`: to the requirements there",
            **_RELATION,
            **_PIECES,
        },
        "relation": {
            **_RELATION,
            "from": "template of the id that it leads from [the entity described]",
            "from_type": "the type of a placeholder for it",
            "to": "template of the id that it leads to",
        },
        "choice": {
            "column": "the column that decides",
            "values": "what is written → type or relation (or `{relation, inverse}`); case does not matter",
            "otherwise": "what stands for whatever `values` does not list",
        },
        "condition": {
            "column": "the column that is looked at",
            "equals": "a value, or a list of them; case does not matter",
            "empty": "`true` or `false`",
        },
        "number": {
            "decimal": "the decimal mark [`.`]",
            "thousands": "the mark between thousands [none]",
            "unit": "a unit, or a list of them, that may stand before or after",
            "times": "what the number is multiplied by",
        },
    }
)
