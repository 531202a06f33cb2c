"""XML as readers of foreign formats need it: a tree with lines, and nothing in it that reaches out or blows up.

A document type that declares or refers to anything is refused as a whole, and with it every entity of one's own:
external ones, which read files and addresses, and internal ones, which can grow a few lines into gigabytes. Formats of
data need neither. Size, depth and number of elements are bounded; the text is UTF-8 whatever its declaration says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NoReturn

from graphsms.ingest.documents import reject

if TYPE_CHECKING:
    from xml.parsers.expat import XMLParserType

__all__ = ["Element", "xml_document"]

MAX_BYTES: Final = 1 << 28
MAX_DEPTH: Final = 100
MAX_ELEMENTS: Final = 5_000_000
MAX_ATTRIBUTES: Final = 100

_SEPARATOR: Final = " "  # no name of XML contains it


@dataclass(slots=True)
class Element:
    """An element: its name without and its namespace without prefix, its attributes, what is in it, and its line."""

    name: str
    namespace: str
    attributes: dict[str, str]
    line: int
    text: str = ""
    children: list[Element] = field(default_factory=list)

    def child(self, name: str) -> Element | None:
        """The first child of a name."""
        return next((one for one in self.children if one.name == name), None)

    def all(self, name: str) -> Iterator[Element]:
        """The children of a name."""
        return (one for one in self.children if one.name == name)

    def said(self, name: str) -> str:
        """The text of the first child of a name, or ""."""
        found = self.child(name)
        return found.text if found is not None else ""


def xml_document(content: bytes, file: str) -> Element:
    """The root of an XML file.

    Parameters
    ----------
    content : bytes
        UTF-8, as `graphsms.ingest.documents.content_of` reads it.
    file : str
        What to call it in a fault.

    Raises
    ------
    RejectedError
        It is not well-formed, is too large or too deep, or declares a document type.

    Notes
    -----
    Linear in the size of the file; the tree takes some ten times its size in memory. Text around child elements is put
    together and stripped: mixed content is not kept in order.

    Examples
    --------
    >>> root = xml_document(b'<a xmlns="urn:x">\\n<b c="1"> two </b></a>', "a.xml")
    >>> root.name, root.namespace, root.said("b"), root.children[0].attributes, root.children[0].line
    ('a', 'urn:x', 'two', {'c': '1'}, 2)
    """
    from xml.parsers.expat import ExpatError, ParserCreate

    if len(content) > MAX_BYTES:
        reject(file, None, "too-large", f"It has {len(content):,} bytes; at most {MAX_BYTES:,} of XML can be read.")
    # What the file says of its encoding does not count: it has been checked to be UTF-8.
    parser = ParserCreate(encoding="utf-8", namespace_separator=_SEPARATOR)
    parser.buffer_text = True
    tree = _Tree(parser, file)
    try:
        parser.Parse(content, True)
    except ExpatError as error:
        reject(file, error.lineno, "not-xml", f"This is not XML: {str(error).partition(':')[0]}.")
    assert tree.root is not None, "a well-formed document has a root"
    return tree.root


class _Tree:
    """Takes the events of the parser; what must not be there ends it."""

    def __init__(self, parser: XMLParserType, file: str) -> None:
        self.parser = parser
        self.file = file
        self.root: Element | None = None
        self.open: list[Element] = []
        self.texts: list[list[str]] = []
        self.elements = 0
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.characters
        parser.StartDoctypeDeclHandler = self.doctype
        parser.EntityDeclHandler = self.declared
        parser.ExternalEntityRefHandler = self.declared

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        if len(self.open) >= MAX_DEPTH:
            self.refuse("too-deep", f"The nesting is deeper than {MAX_DEPTH} elements.")
        if self.elements > MAX_ELEMENTS:
            self.refuse("too-many", f"There are more than {MAX_ELEMENTS:,} elements.")
        if len(attributes) > MAX_ATTRIBUTES:
            self.refuse("too-many", f"An element has more than {MAX_ATTRIBUTES} attributes.")
        namespace, _, local = name.rpartition(_SEPARATOR)
        named = {key.rpartition(_SEPARATOR)[2]: value for key, value in attributes.items()}
        element = Element(local, namespace, named, self.parser.CurrentLineNumber)
        if self.open:
            self.open[-1].children.append(element)
        else:
            self.root = element
        self.open.append(element)
        self.texts.append([])

    def end(self, _name: str) -> None:
        self.open.pop().text = "".join(self.texts.pop()).strip()

    def characters(self, text: str) -> None:
        self.texts[-1].append(text)

    def doctype(self, _name: str, system: str | None, public: str | None, inside: bool) -> None:
        """A bare name of the document type says nothing; anything more might."""
        if system is not None or public is not None or inside:
            self.declared()

    def declared(self, *_: object) -> NoReturn:
        message = (
            "It declares a document type, which may read other files or grow without end: take the line that begins "
            "with <!DOCTYPE, and all that it declares, out of the file."
        )
        self.refuse("document-type", message)

    def refuse(self, rule: str, message: str) -> NoReturn:
        reject(self.file, self.parser.CurrentLineNumber, rule, message)
