"""XML is read as data: nothing in it opens a file, calls an address, or grows."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest

from graphsms.errors import RejectedError
from graphsms.ingest.documents import content_of
from graphsms.ingest.xmltext import MAX_DEPTH, Element, xml_document
from imported import Write


def document(path: Path) -> Element:
    return xml_document(content_of(path), str(path))


def rule(path: Path) -> tuple[str, int | None]:
    with pytest.raises(RejectedError) as raised:
        document(path)
    (fault,) = raised.value.faults
    return fault.rule, fault.origin.line


def test_names_texts_attributes_and_lines_are_kept_and_prefixes_are_not(write: Write) -> None:
    text = '<?xml version="1.0"?>\n<x:a xmlns:x="urn:x" k="v">\n <x:b> &lt;1&#33; <![CDATA[<c>]]> </x:b>\n<d/></x:a>'
    root = document(write("a.xml", text))
    assert (root.name, root.namespace, root.attributes) == ("a", "urn:x", {"k": "v"})
    assert [(one.name, one.text, one.line) for one in root.children] == [("b", "<1! <c>", 3), ("d", "", 4)]
    assert (root.said("b"), root.said("z"), root.child("z"), len(list(root.all("d")))) == ("<1! <c>", "", None, 1)


@pytest.mark.parametrize(
    "declaration",
    [
        '<!ENTITY x SYSTEM "file:///etc/passwd">',
        '<!ENTITY x SYSTEM "http://192.0.2.1/x">',
        '<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;',
        '<!ENTITY x "y">',
        "",
    ],
)
def test_a_document_type_is_refused_whatever_it_declares(declaration: str, write: Write) -> None:
    text = f'<?xml version="1.0"?>\n<!DOCTYPE a [{declaration}]>\n<a>&x;</a>'
    assert rule(write("a.xml", text)) == ("document-type", 2)


def test_a_document_type_that_is_but_a_name_is_read(write: Write) -> None:
    assert document(write("a.xml", "<!DOCTYPE a>\n<a>&amp;</a>")).text == "&"


def test_a_document_type_that_stands_elsewhere_is_not_fetched(write: Write) -> None:
    outside = write("outside.dtd", '<!ENTITY x "y">')
    assert rule(write("a.xml", f'<!DOCTYPE a SYSTEM "{outside}">\n<a/>'))[0] == "document-type"


def test_a_billion_laughs_take_no_memory(write: Write) -> None:
    lols = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(10))
    path = write("a.xml", f'<!DOCTYPE a [<!ENTITY l0 "lol">{lols}]>\n<a>&l10;</a>')
    content = content_of(path)
    tracemalloc.start()
    try:
        with pytest.raises(RejectedError, match="DOCTYPE"):
            xml_document(content, str(path))
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("<a><b></a>", ("not-xml", 1)),
        ("<a>\n&x;</a>", ("not-xml", 2)),
        ("<a/>\n<b/>", ("not-xml", 2)),
        ("<a", ("not-xml", 1)),
        ("not xml", ("not-xml", 1)),
        ("", ("empty-file", 1)),
        ("<a>" * 200_000, ("too-deep", 1)),
        ("<a " + " ".join(f'k{n}=""' for n in range(1000)) + "/>", ("too-many", 1)),
    ],
)
def test_what_is_damaged_or_out_of_bounds_is_a_fault(text: str, expected: tuple[str, int | None], write: Write) -> None:
    assert rule(write("a.xml", text)) == expected


def test_a_nesting_up_to_the_bound_is_read(write: Write) -> None:
    path = write("a.xml", "<a>" * MAX_DEPTH + "</a>" * MAX_DEPTH)
    assert document(path).name == "a"


def test_only_utf_8_is_read_and_a_declaration_that_says_otherwise_does_not_count(write: Write) -> None:
    declared = '<?xml version="1.0" encoding="ISO-8859-1"?><a>Zürich</a>'
    assert document(write("a.xml", declared)).text == "Zürich"
    assert rule(write("b.xml", declared.encode("latin-1")))[0] == "not-utf8"
    assert rule(write("c.xml", declared.encode("utf-16")))[0] in ("not-utf8", "not-text")
    assert document(write("d.xml", b"\xef\xbb\xbf<a/>")).name == "a"
