"""Graphs that Hypothesis makes over a vocabulary: every type, relation and property of it can occur, with values
and ids that real files hold and that naive writers break on."""

from __future__ import annotations

from datetime import UTC, date, datetime

from hypothesis import strategies as st

from graphsms.model import Entity, Relation, Value
from graphsms.rdf import ID_BASE
from graphsms.values import canonical
from graphsms.vocabulary import PropertyType, Vocabulary

TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=12)
AWKWARD_TEXT = st.sampled_from(
    ["2026-11-21", "yes", "null", "~", "1e3", "007", "a: b", "- a", "=1+1", "'quoted'", '"', "\\", "a\r\nb", "\u2028",
     "\x85", "\x01", "Zürich 🗻", " leading and trailing ", "{}", "[]", "#", "@", "<a>&amp;", "", "\t", "\ufeff",
     "\ufffe"]
)  # fmt: skip
AWKWARD_IDS = st.sampled_from(
    ["web shop", "a/b", "component:default/web", "100%", "50%25", "#1", "?", "🗻", "Zürich", ".", "..", "a/../b", "//x",
     "http://example.com/web", "https://example.com/a?b=c#d", "https://example.com/ä b", "urn:uuid:1", "urn:", "http:",
     "mailto:ops@example.com", ID_BASE, ID_BASE + "web", "_:b1", "id:web", "sms:x", "@id", "'", '"', "<x>", "a\nb",
     "=1+1", "-", "null", "1", "true", "{to: x}", "\x01", "\ufffe", "c++ (\\)"]
)  # fmt: skip
IDS = st.one_of(TEXT.filter(bool), AWKWARD_IDS, st.from_regex(r"[a-z]{1,6}-[0-9]", fullmatch=True))

_SCALARS = {
    "string": st.one_of(TEXT, AWKWARD_TEXT),
    "boolean": st.booleans(),
    "integer": st.integers(-(2**63), 2**63 - 1),
    "decimal": st.tuples(st.integers(-(10**15) + 1, 10**15 - 1), st.integers(0, 9)).map(lambda d: d[0] / 10 ** d[1]),
    "double": st.floats(allow_nan=False, allow_infinity=False),
    "dateTime": st.datetimes(timezones=st.just(UTC)),
    "date": st.dates(),
    "duration": st.from_regex(r"-?P[1-9]Y([1-9]M)?(T[0-9]H(1\.5S)?)?", fullmatch=True),
    "anyURI": st.sampled_from(["https://example.com/a?b=c%20d", "mailto:ops@example.com", "urn:x:y", "http://example.com/ä"]),
}  # fmt: skip

# What records are dated with: those of the future cannot be imported, so that they would not come back.
_PAST = {
    "issuedOn": st.dates(max_value=date(2020, 1, 1)),
    "collected": st.datetimes(max_value=datetime(2020, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
}


def values(property: PropertyType, vocabulary: Vocabulary) -> st.SearchStrategy[Value]:
    """Canonical values of a property."""
    if property.code_list is not None:
        scalars: st.SearchStrategy[object] = st.sampled_from(
            [code.notation for code in vocabulary.code_lists[property.code_list].codes]
        )
    else:
        scalars = _PAST[property.name] if property.name in _PAST else _SCALARS[property.datatype]
    raw = st.lists(scalars, min_size=1, max_size=3) if property.many else scalars
    return raw.map(lambda one: canonical(property, one, vocabulary))


@st.composite
def graphs(draw: st.DrawFn, vocabulary: Vocabulary) -> tuple[list[Entity], list[Relation]]:
    """Entities and relations in the order of a store, by ids and keys."""
    entities = []
    for id in sorted(draw(st.sets(IDS, min_size=1, max_size=5))):
        type = draw(st.sampled_from(sorted(vocabulary.types)))
        own = draw(st.lists(st.sampled_from(vocabulary.properties_of(type)), max_size=4, unique_by=lambda p: p.name))
        entities.append(
            Entity(id, type, {p.name: draw(values(p, vocabulary)) for p in sorted(own, key=lambda p: p.name)})
        )
    ids = [entity.id for entity in entities]
    keys = st.tuples(st.sampled_from(ids), st.sampled_from(sorted(vocabulary.relations)), st.sampled_from(ids))
    on_relations = [property for property in vocabulary.properties.values() if property.on_relations]
    relations = []
    for subject, type, object in sorted(draw(st.sets(keys, max_size=5))):
        own = draw(st.lists(st.sampled_from(on_relations), max_size=2, unique_by=lambda p: p.name))
        properties = {p.name: draw(values(p, vocabulary)) for p in sorted(own, key=lambda p: p.name)}
        relations.append(Relation(type, subject, object, properties))
    return entities, relations
