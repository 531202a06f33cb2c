"""The form of a mapping file: its keys, texts, flags and templates, whatever they mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation

from graphsms.ingest.documents import LocatedDict, line_of
from graphsms.ingest.nearest import did_you_mean
from graphsms.ingest.tabular.keys import KEYS
from graphsms.ingest.tabular.mapping import Condition
from graphsms.ingest.tabular.values import Conversion, Number, Template, template
from graphsms.model import Fault, Origin

__all__ = ["Form"]


class Form:
    """Reads nodes of one mapping file; what is wrong with them goes to ``faults``, and reading goes on.

    ``lines`` are those in which the columns of the present table are named first.
    """

    def __init__(self, file: str) -> None:
        self.file = file
        self.faults: list[Fault] = []
        self.lines: dict[str, int] = {}

    def fault(self, node: object, key: str, rule: str, message: str) -> None:
        self.faults.append(Fault(Origin(self.file, line_of(node, key)), "", key, rule, message))

    # ------------------------------------------------------------------------------ plain values

    def conversion(self, node: LocatedDict) -> Conversion:
        number = None
        if "number" in node:
            said = node["number"] if node["number"] is not None else LocatedDict(line_of(node, "number") or node.line)
            its = self.keys(said, "number", "A number is `{decimal, thousands, unit, times}`, or `{}`.")
            marks = self.text(its, "decimal") or ".", self.text(its, "thousands")
            if len(marks[0]) != 1 or len(marks[1]) > 1 or marks[0] == marks[1]:
                self.fault(its, "decimal", "wrong-value", "The marks of a number are two different characters.")
            times = None
            try:
                times = Decimal(self.text(its, "times")) if "times" in its else None
            except InvalidOperation:
                self.fault(its, "times", "wrong-value", "It must be a number.")
            units = tuple(sorted(self.texts(its, "unit"), key=len, reverse=True))
            number = Number(marks[0], marks[1].replace("\\xa0", "\xa0"), units, times)
        listed = self.mapped(node, "values")
        values = {key: None if one is None else str(one) for key, one in listed.items()}
        for key, one in listed.items():
            if isinstance(one, dict | list):
                self.fault(listed, key, "wrong-form", "What is written stands for one text, or for nothing (`~`).")
        formats = tuple(self.texts(node, "format"))
        for one in formats:
            if not _is_date_format(one):
                self.fault(
                    node, "format", "wrong-value", f"{one!r} is no date format; such as %d.%m.%Y, %Y-%m-%d %H:%M."
                )
        otherwise = self.text(node, "otherwise") if "otherwise" in node else None
        split = tuple(one.replace("\\n", "\n") for one in self.texts(node, "split", strip=False))
        return Conversion(split, values, otherwise, formats, number)

    def conditions(self, node: LocatedDict, key: str) -> tuple[Condition, ...]:
        found: list[Condition] = []
        said = node.get(key)
        for one in said if isinstance(said, list) else [said] if said is not None else []:
            its = self.keys(one, "condition", "A condition is `{column, equals}` or `{column, empty}`.")
            column = self.column(self.text(its, "column", needed=True), its, "column")
            if ("equals" in its) == ("empty" in its):
                self.fault(
                    its,
                    key,
                    "wrong-form",
                    "A condition says either what the column `equals`, or whether it is `empty`.",
                )
            elif "equals" in its:
                found.append(Condition(column, frozenset(text.casefold() for text in self.texts(its, "equals"))))
            else:
                found.append(Condition(column, empty=self.flag(its, "empty")))
        return tuple(found)

    def column(self, name: str, node: object, key: str) -> str:
        """A column that is named, remembered with its line."""
        name = " ".join(name.split())
        line = line_of(node, key)
        if line is not None:
            self.lines.setdefault(name, line)
        return name

    def template(self, node: LocatedDict, key: str) -> Template | None:
        said = node.get(key)
        if said is None:
            return None
        try:
            found = template(str(said) if not isinstance(said, dict | list) else "{")
        except ValueError as error:
            self.fault(node, key, "wrong-template", f"{error}." if isinstance(said, str) else "A template is a text.")
            return None
        for column in found.columns:
            self.column(column, node, key)
        return found

    # -------------------------------------------------------------------------------------- form

    def keys(self, node: object, place: str, form: str) -> LocatedDict:
        if not isinstance(node, LocatedDict):
            self.fault(node, "", "wrong-form", form)
            return LocatedDict(line_of(node) or 1)
        self.faulty_keys(node, KEYS[place])
        return node

    def faulty_keys(self, node: LocatedDict, allowed: Mapping[str, str]) -> bool:
        unknown = [key for key in node if key not in allowed]
        for key in unknown:
            hint = did_you_mean(key, allowed) or f" There are {', '.join(allowed)}."
            self.fault(node, key, "unknown-key", f"No key {key!r} stands here.{hint}")
        return bool(unknown)

    def items(self, node: LocatedDict, key: str) -> Iterator[object]:
        said = node.get(key)
        if said is not None and not isinstance(said, list):
            self.fault(node, key, "wrong-form", "What stands here is a list.")
        elif isinstance(said, list):
            yield from said

    def mapped(self, node: LocatedDict, key: str) -> LocatedDict:
        said = node.get(key)
        if isinstance(said, LocatedDict):
            return said
        if said is not None:
            self.fault(node, key, "wrong-form", "What stands here is a mapping.")
        return LocatedDict(line_of(node, key) or node.line)

    def text(self, node: LocatedDict, key: str, *, needed: bool = False) -> str:
        said = node.get(key)
        if isinstance(said, dict | list) or (needed and not said):
            self.fault(node, key, "wrong-form", f"{key!r} is a text.")
            return ""
        return "" if said is None else str(said)

    def texts(self, node: LocatedDict, key: str, *, strip: bool = True) -> list[str]:
        said = node.get(key)
        given = said if isinstance(said, list) else [said]
        if any(isinstance(one, dict | list) for one in given):
            self.fault(node, key, "wrong-form", f"{key!r} is a text, or a list of them.")
            return []
        return [str(one).strip() if strip else str(one) for one in given if one is not None and one != ""]

    def flag(self, node: LocatedDict, key: str) -> bool:
        said = node.get(key)
        if said not in (None, "true", "false", "yes", "no"):
            self.fault(node, key, "wrong-value", f"{key!r} is true or false.")
        return said in ("true", "yes")


def _is_date_format(text: str) -> bool:
    moment = datetime(2026, 11, 21, 9, 30)  # noqa: DTZ001  # any will do
    try:
        return "%" in text and bool(datetime.strptime(moment.strftime(text), text))  # noqa: DTZ007
    except ValueError:
        return False
