"""Reads the Turtle of the ontology and its shapes into a `Vocabulary`, and refuses what is incomplete.

::

    ontology/*.ttl, shapes/*.ttl, the user's files
      → _triples      what they say, by subject and predicate
      → _types        classes under the root, code lists
      → _properties   properties, relations
      → _shapes       constraints
      → Vocabulary

What would silently mean nothing is refused: a class under no type, a superclass that nobody declared, a
relation that does not say how failure travels, a shape that no entity can break.
"""

from __future__ import annotations

import stat
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

from graphsms.errors import VocabularyError
from graphsms.ontology._properties import properties_and_relations
from graphsms.ontology._shapes import constraints, property_shapes, single_valued
from graphsms.ontology._triples import OWL, Triples, local, sms
from graphsms.ontology._types import ancestry, code_lists, types
from graphsms.resources import resource
from graphsms.vocabulary import RelationType, Vocabulary

__all__ = ["load", "ontology_files"]

# `alignments` and `external` speak of other people's terms: they are for readers of RDF, not for us.
_NOT_READ: Final = frozenset({"alignments", "external"})
# The keys of an entity and of an edge in the exchange format that are not properties.
_TAKEN: Final = frozenset({"id", "type", "to"})
_KNOWN_AS: Final = sms("knownAs")


def ontology_files() -> list[Path]:
    """The files of our own ontology that make the vocabulary, shapes last."""
    ours = resource("ontology")
    return sorted(p for p in ours.glob("*.ttl") if p.stem not in _NOT_READ) + sorted(ours.glob("shapes/*.ttl"))


def load(extra: Sequence[Path | str] = ()) -> Vocabulary:
    """Read the ontology, and the user's own files beside it.

    Parameters
    ----------
    extra : sequence of path
        Turtle files with further types, relations, properties, codes and shapes.

    Returns
    -------
    Vocabulary

    Raises
    ------
    VocabularyError
        A file cannot be read, or a term does not say what it must: the message names both.

    Notes
    -----
    One pass over the triples. The result is kept for as long as the files stay as they are.

    Examples
    --------
    >>> load().code_lists["LifecycleStatus"].codes[2].notation
    'live'
    """
    files = [*ontology_files(), *(Path(path).absolute() for path in extra)]
    return _load(tuple((path, *_stamp(path)) for path in dict.fromkeys(files)))


def _stamp(path: Path) -> tuple[int, int]:
    """What tells that a file is not the one that was read."""
    try:
        status = path.stat()
    except OSError as error:
        raise VocabularyError(f"{path}: the ontology file cannot be read: {error.strerror}") from error
    if not stat.S_ISREG(status.st_mode):
        raise VocabularyError(f"{path}: an ontology file must be an ordinary file")
    return status.st_mtime_ns, status.st_size


@lru_cache(maxsize=8)
def _load(files: tuple[tuple[Path, int, int], ...]) -> Vocabulary:
    triples = Triples([path for path, _, _ in files])
    lines = ancestry(triples)
    lists = code_lists(triples, lines)
    _require_usable_names(triples, lines)
    names = {local(iri): tuple(map(local, line)) for iri, line in lines.items()}
    shapes = property_shapes(triples)
    properties, relations = properties_and_relations(triples, names.keys(), lists, single_valued(shapes, triples))
    _require_distinct_relationship_types(relations.values())
    return Vocabulary(
        types=types(triples, lines, relations, properties, lists),
        relations=relations,
        properties=properties,
        code_lists=lists,
        constraints=constraints(shapes, triples, names, relations, properties),
        hash=triples.hash,
        known=_known(triples, (names.keys(), relations.keys(), properties.keys())),
    )


def _known(triples: Triples, terms: Sequence[Collection[str]]) -> dict[str, str]:
    """The words by which analyses know terms, each with the local name of its one term."""
    found: dict[str, str] = {}
    for iri in triples.about:
        for word in triples.texts(iri, _KNOWN_AS):
            if not any(local(iri) in some for some in terms):
                raise triples.wrong(iri, f"is known as {word!r}, and is no type, relation or property")
            other = found.setdefault(word, local(iri))
            if other != local(iri):
                raise triples.wrong(iri, f"is known as {word!r}, as {other} is; one term alone can be")
    return dict(sorted(found.items()))


def _require_usable_names(triples: Triples, lines: Mapping[str, tuple[str, ...]]) -> None:
    """Local names differ, and serve as labels, keys and names of columns without quoting."""
    owner: dict[str, str] = {}
    folded: dict[str, str] = {}
    for kind in ("Class", "ObjectProperty", "DatatypeProperty"):
        for iri in triples.typed.get(OWL + kind, {}):
            name = local(iri)
            other = owner.setdefault(name, iri)
            if other != iri:
                raise triples.wrong(iri, f"{name} is taken by {other}; local names must differ")
            if iri in lines and folded.setdefault(name.casefold(), name) != name:
                raise triples.wrong(
                    iri,
                    f"the types {folded[name.casefold()]} and {name} differ only in upper and lower case; rename one",
                )
            if not name.isidentifier() or name.startswith("_") or name in _TAKEN:
                raise triples.wrong(
                    iri,
                    "its local name must be of letters, digits and underscores, begin with a letter, "
                    f"and not be {', '.join(sorted(_TAKEN))}",
                )


def _require_distinct_relationship_types(relations: Iterable[RelationType]) -> None:
    by_name: dict[str, str] = {}
    for relation in relations:
        other = by_name.setdefault(relation.relationship_type, relation.name)
        if other != relation.name:
            raise VocabularyError(
                f"the relations {other} and {relation.name} would both be {relation.relationship_type} "
                "in the property graph; rename one"
            )
