"""The forms in which a document is written to files: by the name of the file, and all or none of it made."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from graphsms.errors import InputError

if TYPE_CHECKING:
    from graphsms.report.document import Document

__all__ = ["form_by_name", "rendered", "write_files"]


def form_by_name(path: str | Path, forms: Sequence[str], what: str, otherwise: str = "") -> str:
    """The form of a file by its name.

    Parameters
    ----------
    path : str or Path
    forms : sequence of str
        Those that there are.
    what : str
        What is written, such as ``a pack``.
    otherwise : str
        What else can be done where the name does not say it.

    Raises
    ------
    InputError
        The name ends with none of the forms.

    Examples
    --------
    >>> form_by_name("cab.HTML", ("html", "pdf"), "a pack")
    'html'
    """
    form = Path(path).suffix.lower().lstrip(".")
    if form not in forms:
        raise InputError(f"{path}: the name of {what} ends with {', '.join(f'.{one}' for one in forms)}{otherwise}.")
    return form


def rendered(document: Document, form: str) -> bytes:
    """A document as a page, on paper or as a workbook: ``html``, ``pdf``, otherwise ``xlsx``."""
    if form == "html":
        from graphsms.report.html import to_html

        return to_html(document).encode()
    if form == "pdf":
        from graphsms.report.pdf import to_pdf

        return to_pdf(document)
    from graphsms.report.xlsx import to_xlsx

    return to_xlsx(document)


def write_files(made: Iterable[tuple[str | Path, bytes]]) -> None:
    """Write files; all of them are made before the first is written.

    Raises
    ------
    InputError
        One cannot be written.
    """
    for path, content in list(made):
        try:
            Path(path).write_bytes(content)
        except OSError as error:
            raise InputError(f"{path} cannot be written: {error.strerror}.") from error
