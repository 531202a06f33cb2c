"""The register of documents: what 7.5.4 a) to l) wants, what there is of it, and whether it is in order (7.5).

What is wanted stands in the catalogue. A scope, a policy or a plan is wanted once; a description for each process,
requirements and an SLA for each service, an agreement for each supply relationship, a procedure and a record for each
requirement that asks for one. In order is what is approved, current, and has a place where it is found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, tzinfo
from functools import cached_property
from typing import Final

from graphsms.analysis.documents_answer import IN_ORDER, MISSING, PARTIAL, STATES, DocumentRegister, Kept, Wanted
from graphsms.analysis.estate import Deficiency, Estate, Examined, estate
from graphsms.analysis.obligation_answer import Obligations
from graphsms.analysis.obligation_policy import evidence_policy
from graphsms.analysis.obligations import obligations_of
from graphsms.analysis.proofs import Proof, proof_of, review_due
from graphsms.clauses import Requirement
from graphsms.clauses.references import meant
from graphsms.errors import InputError
from graphsms.model import Entity, Relation
from graphsms.store import Store

__all__ = ["LIST", "LISTS", "document_register", "document_register_of", "documents_in_order"]

LIST: Final = "7.5.4"
LISTS: Final = {"2018": LIST, "2011": "4.3.1"}  # the clause of each edition that lists documented information
_TO_DOCUMENT: Final = "document"
_RETAIN: Final = "retain evidence"
_WITHDRAWN: Final = "withdrawn"
# Which supplies the two items on other parties are about; one of no stated kind is an external one's.
_SUPPLIED: Final = {"i)": frozenset({"external", ""}), "j)": frozenset({"internal", "customer acting as a supplier"})}


def document_register(
    store: Store,
    clause: str | None = None,
    edition: str | None = None,
    *,
    every: bool = False,
    at: int | None = None,
    as_of: str | None = None,
    zone: tzinfo = UTC,
    policy: str | None = None,
) -> DocumentRegister:
    """What a clause wants documented, what there is of it, and whether it is in order on a day.

    Parameters
    ----------
    store : Store
    clause : str, optional
        Whose list is wanted; without it, that of the standard itself: 7.5.4, of the edition of 2011 4.3.1.
    edition : str, optional
        The year; without it, the newest edition.
    every : bool
        All documented information there is, whatever is wanted.
    at : int, optional
        The revision; without it, the present one.
    as_of : str, optional
        The moment; without it, now.
    zone : tzinfo
        The organization's time zone.
    policy : str, optional
        A file that says for how long evidence counts, in place of ours.

    Raises
    ------
    InputError
        There is no such clause or edition, or it wants nothing documented.

    Notes
    -----
    O(entities + relations), and the states of all requirements.

    Examples
    --------
    >>> import graphsms, tempfile
    >>> with tempfile.TemporaryDirectory() as folder, graphsms.open(f"{folder}/sms.db") as g:
    ...     found = document_register(g.store)
    ...     found.numerator, found.wanted[0].wanted, found.wanted[0].state
    (0, 'statement of scope', 'missing')
    """
    options = {} if policy is None else {"evidence policy": policy}
    return document_register_of(estate(store, at, as_of, zone, options), clause, edition, every=every)


def document_register_of(
    read: Estate, clause: str | None = None, edition: str | None = None, *, every: bool = False
) -> DocumentRegister:
    """`document_register` of a graph that is read already."""
    answer = obligations_of(read, edition)
    if every:
        wanted, clause = tuple(_Listing(read, answer).every()), ""
    else:
        place = meant(clause or LISTS[answer.edition], answer.catalogue, answer.edition)
        if place.clause.edition != answer.edition:  # such as 2011:4.3.1
            answer = obligations_of(read, place.clause.edition)
        asked = [one for one in place.requirements if _asks(one)]
        if not asked:
            raise InputError(f"Clause {place.clause.number} of ISO/IEC 20000-1:{answer.edition} wants no document.")
        listing = _Listing(read, answer)
        wanted, clause = tuple(one for each in asked for one in listing.of(each)), place.clause.number
    return DocumentRegister(read.revision.number, read.revision.time, read.as_of, answer.edition, clause, wanted)


def documents_in_order(read: Estate) -> Examined:
    """The list of 7.5.4 as a check: of so many documents wanted, those that are not in order."""
    found = document_register_of(read)
    short = (
        Deficiency(
            (),
            f"{one.anchor}, {one.wanted}{f' for {one.of_name}' if one.of_name else ''}: {one.reason}.",
            aspect=" ".join(filter(None, [one.anchor, one.wanted, one.of or _first(one)])),
            concerning=tuple(filter(None, [one.of if one.of in read.entities else "", _first(one)])),
        )
        for one in found.wanted
        if one.state != IN_ORDER
    )
    return Examined(found.denominator, tuple(short))


def _first(one: Wanted) -> str:
    return one.documents[0].id if one.documents else ""


def _asks(one: Requirement) -> bool:
    return bool(one.wants) and one.duty == _TO_DOCUMENT and not one.items and one.mandatory


class _Listing:
    """What is wanted, being looked for."""

    def __init__(self, read: Estate, answer: Obligations) -> None:
        self._read = read
        self._answer = answer
        self._word = read.vocabulary.known_as
        self._policy = evidence_policy(read)

    # ------------------------------------------------------------------------------ what is wanted

    def every(self) -> Iterator[Wanted]:
        """All documented information but what graphsms keeps itself, and what is withdrawn."""
        documents = (
            one
            for one in self._read.of_type(self._word("documented information"))
            if one.type != self._word("computed record") and one.properties.get("documentStatus") != _WITHDRAWN
        )
        for one in sorted(documents, key=lambda one: (one.type, one.name, one.id)):
            kept = self.kept(one, self._asked_of(one))
            label = self._read.vocabulary.types[one.type].label
            yield Wanted("", "", "", label, "", "", kept.state, kept.reason, (kept,))

    def of(self, asked: Requirement) -> Iterator[Wanted]:
        """What a requirement wants documented: once, or for each thing that it is about."""
        types = [one for one in asked.wants if one in self._read.vocabulary.types]
        if asked.clause != LIST:
            proofs = [one for one in self._answer.states[asked.id].proofs if self._is_own(one)]
            kept = [self.kept(self._read.entities[one.id], asked, one) for one in proofs]
            yield self._told(asked, self._label(asked.wants), kept, none="nothing is linked to it")
        elif self._word("record") in types:
            yield from self._of_requirements(asked, [one for one in self._edition if _RETAIN in one.demands])
        elif self._word("procedure") in types:
            wanting = [one for one in self._edition if set(types) & set(one.wants)]
            yield from self._of_requirements(asked, wanting, types)
        elif not types:
            yield self._in_words(asked)
        else:
            documents = self._documents(types)
            about = self._about(asked)
            if about:
                known = {one.id: one for one in documents}
                for subject in about:
                    theirs = [known[id] for id in sorted(self._tied(subject)) if id in known]
                    yield self._wanted(asked, types, theirs, subject.id, subject.name)
            elif asked.item not in _SUPPLIED:  # of which nothing is wanted where nobody supplies
                groups = self._groups(documents)
                if len(groups) < 2:  # one thing: what people have linked to it though it is of another type counts too
                    groups = [[*documents, *self._linked(asked, documents)]]
                for group in groups:
                    yield self._wanted(asked, types, group)

    def _of_requirements(
        self, asked: Requirement, requirements: Iterable[Requirement], types: Sequence[str] = ()
    ) -> Iterator[Wanted]:
        """A procedure or record for each requirement that asks for one: what is linked to it."""
        for one in requirements:
            proofs = [proof for proof in self._answer.states[one.id].proofs if self._is_own(proof)]
            kept = []
            for proof in proofs:
                entity = self._read.entities[proof.id]
                if types and not any(self._read.vocabulary.is_a(entity.type, type) for type in types):
                    continue
                kept.append(self.kept(entity, asked) if types else self.kept(entity, one, proof))
            label = self._label(asked.wants)
            yield self._told(asked, label, kept, one.id, one.anchor, f"no {label} is linked to it")

    def _in_words(self, asked: Requirement) -> Wanted:
        """What is wanted in words, such as objectives: documents that are linked to it, or that lead to such things."""
        about = {one.id for type in asked.about if type in self._read.vocabulary.types for one in self._of_type(type)}
        same = {one.id for one in self._edition_all if set(one.wants) & set(asked.wants)}
        documents = {
            end
            for id in (*about, *same)
            for relation in (*self._read.leading_to.get(id, ()), *self._read.leading_from.get(id, ()))
            for end in (relation.subject, relation.object)
            if end not in about and self._is_document(self._read.entities[end])
        }
        kept = [self.kept(self._read.entities[id], asked) for id in sorted(documents)]
        found = self._told(asked, self._label(asked.wants), kept)
        if about and not kept:
            reason = f"{len(about)} {'is' if len(about) == 1 else 'are'} recorded, and no document states them"
            return Wanted(found.anchor, found.requirement, found.item, found.wanted, "", "", PARTIAL, reason)
        return found

    # ------------------------------------------------------------------------------- what there is

    @cached_property
    def _edition_all(self) -> list[Requirement]:
        return list(self._answer.catalogue.of_edition(self._answer.edition))

    @cached_property
    def _edition(self) -> list[Requirement]:
        """Requirements to document beside those of the list itself."""
        return [one for one in self._edition_all if one.clause != LIST and not one.items and one.duty == _TO_DOCUMENT]

    def _of_type(self, type: str) -> list[Entity]:
        return [one for one in self._read.of_type(type) if self._read.live(one)]

    def _is_document(self, entity: Entity) -> bool:
        words = self._read.vocabulary
        return (
            words.is_a(entity.type, self._word("documented information"))
            and entity.type != self._word("computed record")
            and entity.properties.get("machineWritten") is not True
        )

    def _is_own(self, proof: Proof) -> bool:
        return self._is_document(self._read.entities[proof.id])

    def _documents(self, types: Sequence[str]) -> list[Entity]:
        found = {one.id: one for type in types for one in self._read.of_type(type) if self._is_document(one)}
        return [found[id] for id in sorted(found)]

    def _documented(self, type: str) -> bool:
        return self._read.vocabulary.is_a(type, self._word("documented information"))

    def _about(self, asked: Requirement) -> list[Entity]:
        """The live things of which each wants a document: processes, services, supply relationships."""
        words = self._read.vocabulary
        found = [
            one
            for type in asked.about
            # Systems and demands, which cannot fail, want no document each.
            if type in words.types and not self._documented(type) and self._read.fails(type)
            for one in self._of_type(type)
        ]
        if kinds := _SUPPLIED.get(asked.item):
            return [
                one
                for one in found
                if str(one.properties.get("supplyKind", "")) in kinds and not self._is_to_a_supplier(one)
            ]
        return found

    def _is_to_a_supplier(self, supply: Entity) -> bool:
        """Whether a supplier has it from a supplier of its own, with whom it is for the first to agree."""
        recipient = self._word("recipient of supply")
        to = {one.object for one in self._read.leading_from.get(supply.id, ()) if one.type == recipient}
        return bool(to) and to <= self._external

    @cached_property
    def _external(self) -> set[str]:
        supplier = self._word("supplier of supply")
        return {
            one.object
            for one in self._read.relations
            if one.type == supplier and self._read.entities[one.subject].properties.get("supplyKind") == "external"
        }

    def _tied(self, subject: Entity) -> set[str]:
        """``(subject)-[any]-(...)``: ids of what a relation leads to, or comes from."""
        to = {one.object for one in self._read.leading_from.get(subject.id, ())}
        return to | {one.subject for one in self._read.leading_to.get(subject.id, ())}

    def _linked(self, asked: Requirement, but: Sequence[Entity]) -> list[Entity]:
        """What people have linked to the requirement though it is of another type."""
        known = {one.id for one in but}
        return [
            self._read.entities[proof.id]
            for proof in self._answer.states[asked.id].proofs
            if proof.id not in known and proof.linked_to == asked.id and self._is_own(proof)
        ]

    def _groups(self, documents: Sequence[Entity]) -> list[list[Entity]]:
        """Documents by what they apply to: versions of one policy together, plans for different services apart."""
        applies = self._word("applies to")
        groups: dict[int, tuple[set[str], list[Entity]]] = {}
        of: dict[str, int] = {}  # by what they apply to, which group
        for number, one in enumerate(documents):
            to = {edge.object for edge in self._read.leading_from.get(one.id, ()) if edge.type == applies} or {""}
            joined = [groups.pop(each) for each in sorted({of[id] for id in to if id in of})]
            to.update(*(group[0] for group in joined))
            groups[number] = to, [*(each for group in joined for each in group[1]), one]
            of.update(dict.fromkeys(to, number))
        return [group for _, group in groups.values()]

    # --------------------------------------------------------------------------------- how it stands

    def _wanted(
        self, asked: Requirement, types: Sequence[str], documents: Sequence[Entity], of: str = "", name: str = ""
    ) -> Wanted:
        return self._told(asked, self._label(types), [self.kept(one, asked) for one in documents], of, name)

    def _told(
        self,
        asked: Requirement,
        label: str,
        kept: Sequence[Kept],
        of: str = "",
        name: str = "",
        none: str = "there is none",
    ) -> Wanted:
        best = sorted(kept, key=lambda one: (STATES.index(one.state), one.id))
        state, reason = (best[0].state, f"{best[0].name}: {best[0].reason}") if best else (MISSING, none)
        return Wanted(asked.anchor, asked.id, asked.item, label, of, name, state, reason, tuple(best))

    def _label(self, wants: Sequence[str]) -> str:
        types = self._read.vocabulary.types
        return " or ".join(types[one].label if one in types else one for one in wants)

    def _asked_of(self, one: Entity) -> Requirement:
        """A duty to document by which a document as such is judged."""
        place = meant(LIST, self._answer.catalogue, "2018").requirements
        keeps = self._read.vocabulary.is_a(one.type, self._word("record"))
        return next(each for each in reversed(place) if (_RETAIN in each.demands) == keeps)

    def kept(self, one: Entity, asked: Requirement, proof: Proof | None = None) -> Kept:
        """A document as it stands."""
        its = one.properties
        if proof is None:
            link = Relation(self._word("satisfied by"), one.id, asked.id)
            proof = proof_of(self._read, asked, link, self._policy, "")
        due = review_due(self._read, one)
        places = [str(its.get("fileLocation") or ""), *self._names(one, "kept on"), *self._names(one, "filed on")]
        return Kept(
            id=one.id,
            type=one.type,
            name=one.name,
            reference=str(its.get("reference", "")),
            version=str(its.get("version", "")),
            status=str(its.get("documentStatus", "")),
            owner=", ".join(self._names(one, "owned by")),
            approved_by=", ".join(self._names(one, "approved by")),
            approved_on=str(its.get("approvedOn", "")),
            location=", ".join(filter(None, places)),
            review_due=str(its.get("reviewDueOn") or self._read.day(due)),
            classification=str(its.get("confidentiality", "")),
            worth=proof.worth,
            reason=proof.reason,
        )

    def _names(self, one: Entity, word: str) -> list[str]:
        relation = self._word(word)
        found = (edge for edge in self._read.leading_from.get(one.id, ()) if edge.type == relation)
        return [self._read.entities[edge.object].name for edge in found]
