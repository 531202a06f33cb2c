"""What the entries of a page become: documents with what they serve, laws with their obligations, objectives."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from graphsms.errors import InputError, RejectedError
from graphsms.ingest.documents import LocatedDict, line_of
from graphsms.ingest.placement import NOT_PLACED, OF_THE_PAGE, PLACED, UNRELATED, UNUSED, Placement
from graphsms.ingest.register_documents import Document, Documents
from graphsms.ingest.register_pages import Entry, Page
from graphsms.ingest.register_words import Told
from graphsms.model import Fault, Origin

__all__ = ["PageReading"]

_SPLIT: Final = re.compile(r"[;\n]")


class PageReading:
    """One page being turned into documents.

    Parameters
    ----------
    page : Page
    documents : Documents
        Takes them in.
    """

    def __init__(self, page: Page, documents: Documents) -> None:
        self.page = page
        self.documents = documents
        self.register = documents.register
        self.rules = documents.rules
        self.told = page.told

    def placements(self) -> list[Placement]:
        """Take in all entries of the page; what became of each."""
        own = self.own()
        for entry in self.page.entries:
            try:
                found, placement = self.entry(entry)
            except RejectedError as error:
                for fault in error.faults:
                    self.documents.fault(fault)
                continue
            self.told.append(placement)
            for one in found:
                self.documents.leads(own, self.rules["lists"]["relation"], one, Origin(self.page.file, entry.line), {})
            if not found:
                self.aside(own, placement)
        return self.told

    def aside(self, own: Document, placement: Placement) -> None:
        """What nothing is made of is kept with the page in words."""
        begin = "Nothing to do with service management: " if placement.outcome == UNRELATED else "Not placed: "
        before = [one for one in str(own.properties.get("note") or "").split("\n") if one]
        said = next((one for one in before if one.startswith(begin)), "")
        rest = [one for one in before if one != said]
        own.properties["note"] = "\n".join([*rest, f"{said}; {placement.text}" if said else begin + placement.text])

    # ------------------------------------------------------------------------------------ the page

    def own(self) -> Document:
        """The page itself: a register, with its owner, status and whatever else it says of itself."""
        file, stated = self.page.file, LocatedDict(1)
        names: list[str] = []
        people: list[tuple[str, str, int | None]] = []
        notes: list[str] = []
        summary = ("", 1)
        for key, sense, texts, line in self.page.said:
            text, outcome, note = "; ".join(texts), OF_THE_PAGE, ""
            if not texts:
                note = "nothing stands under it"
            elif sense.role == "notes":
                notes.append(f"{key}: {text}")
            elif sense.role == "written_by_machine":
                summary, note = (text, line or 1), str(self.rules["summary"]["note"])
            elif "relation" in sense.rule:
                people += [(sense.rule["relation"], one, line) for one in texts]
            elif sense.rule["property"] == "name":
                names += texts
            else:
                value = self.value(sense.rule, text)
                if value is None:
                    outcome = UNUSED
                    note = f"it is none of {', '.join(dict.fromkeys(sense.rule['codes'].values()))}"
                else:
                    name = sense.rule["property"]
                    stated[name] = value
                    stated.lines[name] = line or 1
            self.told.append(Placement(file, line, key, text[:200], outcome, note=note))
        name = names[-1] if names else Path(file).stem
        stated["note"] = "\n".join(notes)
        page = self.rules["page"]["type"]
        own = self.documents.document(page, name, Origin(file, 1), "register", stated)
        for relation, who, line in people:
            at = Origin(file, line)
            self.documents.leads(own, relation, self.documents.party(who, at), at, {})
        if summary[0]:
            self.summary(own, *summary)
        return own

    def summary(self, own: Document, text: str, line: int) -> None:
        """What a machine wrote of the page is kept, and marked: it is no evidence."""
        said = {self.rules["text"]["property"]: text, self.rules["written_by_machine"]["property"]: True}
        type, origin = self.rules["summary"]["type"], Origin(self.page.file, line)
        found = self.documents.document(type, f"Summary of {own.name}", origin, "summary", said)
        self.documents.leads(found, self.rules["lists"]["relation"], own.id, origin, {})

    @staticmethod
    def value(rule: Mapping[str, Any], text: str) -> str | None:
        """What a text stands for; None where there are codes and it is none."""
        if "codes" not in rule:
            return text
        known = " ".join(re.findall(r"[a-z]+", text.lower()))
        found = rule["codes"].get(known)
        return None if found is None else str(found)

    # ------------------------------------------------------------------------------------- entries

    def entry(self, entry: Entry) -> tuple[list[str], Placement]:
        """What an entry becomes: ids of what is now in the graph, and what is to be told of it."""
        role, origin = entry.sense.role, Origin(self.page.file, entry.line)
        if role == "documents":
            return self.document(entry, self.register.told(entry.name, entry.sense.rule["type"]), origin)
        return {"law": self.law, "objective": self.objective, "guidance": self.source, "edition": self.edition}[role](
            entry, origin
        )

    def document(self, entry: Entry, told: Told, origin: Origin) -> tuple[list[str], Placement]:
        if told.unrelated:
            return [], self.placement(entry, UNRELATED, note=told.note)
        stated, people, clauses = self.said(entry, origin)
        if entry.description:
            stated.setdefault("description", entry.description)
        if clauses is None:
            serves, guess = told.serves, told.guess
        else:
            sought, wrong = self.register.sought(clauses[0], told.type)
            for message in wrong:
                self.documents.fault(Fault(clauses[1], entry.name, "clause", "unknown-clause", message))
            # What is written beside it is a fault; where that is left out, its words may still tell.
            serves, guess = (told.serves, True) if wrong and not sought else (tuple(sought), False)
        found = self.documents.document(told.type, entry.name, origin, "document", stated)
        for relation, who in people:
            self.documents.leads(found, relation, self.documents.party(who, origin), origin, {})
        anchors = tuple(dict.fromkeys(one.requirement.anchor for one in serves))
        if not guess:
            self.documents.serves(found, serves, origin)
        note = told.note if clauses is None else ""
        return [found.id], self.placement(entry, NOT_PLACED if guess else PLACED, found, anchors, note)

    def said(
        self, entry: Entry, origin: Origin
    ) -> tuple[LocatedDict, list[tuple[str, str]], tuple[list[str], Origin] | None]:
        """What a mapping says of an entry: properties, people, and references to clauses with their line."""
        stated, people = LocatedDict(entry.line or 1), list[tuple[str, str]]()
        clauses: tuple[list[str], Origin] | None = None
        for key, value in entry.said.items():
            at = Origin(origin.file, line_of(entry.said, key) or origin.line)
            sense = self.register.field(key)
            given = value if isinstance(value, list) else [value]
            texts = [str(one).strip() for one in given if one is not None]
            if any(isinstance(one, dict | list) for one in given):
                message = f"{key!r} of an entry is a text, or a list of them."
                raise RejectedError(message, [Fault(at, entry.name, key, "wrong-form", message)])
            if sense is None:
                near = self.register.near(key)
                note = f"of {entry.name}; " + (f"perhaps {near}" if near else "no key of that name is known")
                self.told.append(Placement(at.file, at.line, key, "; ".join(texts)[:200], UNUSED, note=note))
            elif sense.role == "clauses":
                clauses = (_pieces(texts), at)
            elif sense.role == "notes":
                stated["note"] = "; ".join(filter(None, [str(stated.get("note") or ""), f"{key}: {'; '.join(texts)}"]))
            elif "relation" in sense.rule:
                people += [(sense.rule["relation"], one) for one in _pieces(texts)]
            elif sense.rule["property"] != "name" and texts:
                name, text = sense.rule["property"], "; ".join(texts)
                stated[name] = self.value(sense.rule, text) or text
                stated.lines[name] = at.line or 1
        return stated, people, clauses

    def law(self, entry: Entry, origin: Origin) -> tuple[list[str], Placement]:
        """``(:LegalObligation)-[:STATED_IN]->(:Legislation)``; what does not say which law it is is left for people."""
        rule = entry.sense.rule
        told = self.register.law(entry.name, rule["type"])
        if told.guess:
            return [], self.placement(entry, NOT_PLACED, requirements=told.anchors, note=told.note)
        source = self.documents.document(rule["source"]["type"], entry.name, origin, "law", {})
        found = self.documents.document(
            rule["type"], f"Obligations under {entry.name}", origin, "law", {"note": told.note}
        )
        self.documents.leads(found, rule["relation"], source.id, origin, {})
        return [found.id], self.placement(entry, PLACED, found, note=told.note)

    def objective(self, entry: Entry, origin: Origin) -> tuple[list[str], Placement]:
        rule = entry.sense.rule
        told = self.register.told(entry.name, rule["type"])
        if told.unrelated:
            return [], self.placement(entry, UNRELATED, note=told.note)
        said = {"lifecycle": rule["lifecycle"]}
        found = self.documents.document(rule["type"], entry.name, origin, "objective", said)
        sought, _ = self.register.sought(("6.2.1 (3)",), rule["type"])
        self.documents.serves(found, sought, origin)
        anchors = tuple(one.requirement.anchor for one in sought)
        return [found.id], self.placement(entry, PLACED, found, anchors, "proposed, until somebody says that it is set")

    def source(self, entry: Entry, origin: Origin) -> tuple[list[str], Placement]:
        found = self.documents.document(entry.sense.rule["type"], entry.name, origin, "framework", {})
        return [found.id], self.placement(entry, PLACED, found)

    def edition(self, entry: Entry, origin: Origin) -> tuple[list[str], Placement]:
        """The standard that is to be met: an edition of the catalogue, the newest where the text names none."""
        its = self.register.catalogue
        if "20000-1" not in entry.name:
            return self.source(entry, origin)
        year = re.search(r"20000-1\s*[:-]\s*(20\d\d)", entry.name)
        try:
            edition = its.edition(year[1] if year else None)
        except InputError as error:
            return [], self.placement(entry, NOT_PLACED, note=str(error))
        id = its.editions[edition]
        self.documents.other(id, entry.sense.rule["type"], f"ISO/IEC 20000-1:{edition}", origin)
        note = "" if year else "it names no year: the newest edition is meant"
        return [id], Placement(
            self.page.file, entry.line, entry.key, entry.text, PLACED, id, entry.sense.rule["type"], note=note
        )

    def placement(
        self,
        entry: Entry,
        outcome: str,
        found: Document | None = None,
        requirements: tuple[str, ...] = (),
        note: str = "",
    ) -> Placement:
        id, type, status = (found.id, found.type, found.status()) if found else ("", "", "")
        return Placement(
            self.page.file, entry.line, entry.key, entry.text, outcome, id, type, status, requirements, note
        )


def _pieces(texts: list[str]) -> list[str]:
    return [one for text in texts for one in map(str.strip, _SPLIT.split(text)) if one]
