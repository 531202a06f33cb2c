"""Data flows one way, and the ontology is the only schema: both read off the source itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from graphsms import vocabulary
from graphsms.ontology import load

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "graphsms"
MODULES = sorted(PACKAGE.rglob("*.py"))

# From left to right as data flows; a module imports from its own layer and those before it.
LAYERS = [
    {"asked", "errors", "model", "moments", "resources", "version", "vocabulary"},
    {"clauses", "ontology", "values", "rdf", "shapes"},
    {"fetch", "ingest", "store"},
    {"history"},
    {"snapshot"},
    {"analysis", "calendars"},
    {"report", "export", "queries"},
    {"findings", "change", "obligations"},
    {"graph"},
    {"cli"},
]
# Within a layer: the second must not be known to the first.
APART = [("store", "ingest"), ("ingest", "fetch"), ("store", "fetch")]
LEVEL = {name: number for number, layer in enumerate(LAYERS) for name in layer}
LINES = 400


def room(module: str) -> str:
    """The first part of a module's name below the package; "" for the package itself."""
    return module.partition(".")[2].partition(".")[0]


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Every module of ours that a file imports, wherever in it, with the line; imports for type checkers apart."""
    tree = ast.parse(path.read_text("utf-8"))
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in for_types:
            continue
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: a relative import; name the module"
            for alias in node.names:
                yield f"{node.module}.{alias.name}", node.lineno


def test_every_module_has_its_place_in_the_flow() -> None:
    rooms = {room(name_of(path)) for path in MODULES} - {"", "__main__"}
    assert rooms - LEVEL.keys() == set()


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_nothing_imports_what_stands_to_its_right(path: Path) -> None:
    own = room(name_of(path))
    if own in ("", "__main__"):
        return
    for module, line in imports(path):
        other = room(module)
        if module.startswith("graphsms.") and other in LEVEL:
            assert LEVEL[other] <= LEVEL[own], f"{path}:{line}: {own} must not know {other}"


@pytest.mark.parametrize(("one", "other"), APART)
def test_neighbours_that_do_not_know_each_other(one: str, other: str) -> None:
    for path in MODULES:
        if room(name_of(path)) == one:
            for module, line in imports(path):
                assert not module.startswith(f"graphsms.{other}"), f"{path}:{line}: {one} must not know {other}"


@pytest.mark.parametrize("path", MODULES, ids=name_of)
def test_a_module_is_one_topic(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= LINES, "two topics in one?"


def engine_terms() -> set[str]:
    """The terms that the engine itself gives a meaning to: the constants at the top of vocabulary.py."""
    constants = {name: value for name, value in vars(vocabulary).items() if name.isupper() and isinstance(value, str)}
    return set(constants.values()) - {vocabulary.NAMESPACE}


def strings(path: Path) -> Iterator[tuple[str, int]]:
    """Every string of a module but its docstrings and the names that it exports, with the line."""
    tree = ast.parse(path.read_text("utf-8"))
    documentation = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    exported = {
        id(inner)
        for node in tree.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
        for inner in ast.walk(node.value)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation | exported:
            yield node.value, node.lineno


def test_no_module_lists_types_or_relations_of_the_ontology() -> None:
    words = load()
    relations = words.relations.keys() | {relation.relationship_type for relation in words.relations.values()}
    terms = (words.types.keys() | relations) - engine_terms()
    assert len(terms) > 50
    found = [
        f"{path.relative_to(ROOT)}:{line}: {text}" for path in MODULES for text, line in strings(path) if text in terms
    ]
    assert found == []


def test_every_word_for_a_term_is_one_of_the_ontology() -> None:
    words = load().known
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(".known_as"):
                (word,) = node.args
                if isinstance(word, ast.Constant):
                    assert word.value in words, f"{path.relative_to(ROOT)}:{node.lineno}: {word.value!r}"


def test_the_engine_knows_few_terms() -> None:
    constants = [name for name in vars(vocabulary) if name.isupper() and isinstance(getattr(vocabulary, name), str)]
    assert len(constants) <= 10, "what the engine gives a meaning to belongs in the ontology if it can stand there"
