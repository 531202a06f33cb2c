"""What management reviews lack, for the checks: held in time, everything looked at, actions done (9.3)."""

from __future__ import annotations

from collections.abc import Mapping

from graphsms.analysis.estate import Deficiency, Estate, Examined
from graphsms.change.grounds import moment_of
from graphsms.model import Entity
from graphsms.obligations.nonconformities import corrective
from graphsms.obligations.review.making import last_review, letters, review_interval
from graphsms.obligations.review.reading import said
from graphsms.snapshot.validity import after, microseconds

__all__ = ["actions_overdue", "inputs_left_out", "review_overdue", "taken_into_account"]

_NONE = "no management review is recorded"


def inputs_left_out(read: Estate, parameters: Mapping[str, str]) -> Examined:  # noqa: ARG001
    """Inputs that the last management review did not consider, of all that 9.3 names."""
    last = last_review(read)
    if last is None:
        return Examined(0, (), _NONE)
    codes, considered = letters(read), _considered(read, last)
    lacking = tuple(
        Deficiency((), f"{last.name} did not consider {letter}) {title}.", f"input-{letter}", concerning=(last.id,))
        for code, (letter, title) in codes.items()
        if code not in considered
    )
    return Examined(len(codes), lacking)


def review_overdue(read: Estate, parameters: Mapping[str, str]) -> Examined:  # noqa: ARG001
    """That no management review was held within the interval since the last."""
    last = last_review(read)
    if last is None:
        return Examined(0, (), _NONE)
    due = _due(read, last)
    if due is None or microseconds(read.as_of) <= due:
        return Examined(1, ())
    interval, _ = review_interval(read)
    message = f"The last management review was {last.name}, the next was due by {moment_of(due)[:10]} ({interval})."
    return Examined(1, (Deficiency((last.id,), message),))


def actions_overdue(read: Estate, parameters: Mapping[str, str]) -> Examined:  # noqa: ARG001
    """Actions agreed in management reviews that are past their day and not done."""
    words = read.vocabulary
    arises, action = words.known_as("arises from"), words.known_as("action")
    reviews = [one.id for one in read.of_type(words.known_as("management review"))]
    ids = {each.subject for id in reviews for each in read.leading_to.get(id, ()) if each.type == arises}
    agreed = [corrective(read, read.entities[id]) for id in sorted(ids) if words.is_a(read.entities[id].type, action)]
    lacking = tuple(
        Deficiency((one.id,), f"{one.name} was due on {one.due}, and is {one.status or 'not done'}.")
        for one in agreed
        if one.overdue
    )
    return Examined(len(agreed), lacking, "" if agreed else "no action was agreed in a management review")


def taken_into_account(read: Estate) -> Examined:
    """As evidence: the inputs of 9.3, those deficient that were not considered within the interval of reviews.

    Of a review that is older than the interval nothing counts.

    Examples
    --------
    >>> import graphsms, tempfile
    >>> from graphsms.analysis.estate import estate
    >>> with tempfile.TemporaryDirectory() as folder, graphsms.open(f"{folder}/sms.db") as g:
    ...     taken_into_account(estate(g.store)).note
    'no management review is recorded'
    """
    last = last_review(read)
    if last is None:
        return Examined(0, (), _NONE)
    due = _due(read, last)
    late = due is not None and microseconds(read.as_of) > due
    codes, considered = letters(read), set() if late else _considered(read, last)
    return Examined(
        len(codes),
        tuple(
            Deficiency((), f"{letter}) {title} was not considered within the interval.", f"input-{letter}")
            for code, (letter, title) in codes.items()
            if code not in considered
        ),
    )


def _due(read: Estate, last: Entity) -> int | None:
    interval, _ = review_interval(read)
    held = said(last, "endedAt") or said(last, "startedAt")
    return after(held, interval) if held else None


def _considered(read: Estate, review: Entity) -> set[str]:
    """Notations of the inputs that a review considered: of what it looked at, or of what it shows of 9.3."""
    words = read.vocabulary
    looked, shows = words.known_as("considered in review"), words.known_as("demonstrated by")
    found: set[str] = set()
    by_letter = {letter: code for code, (letter, _) in letters(read).items()}
    for one in read.leading_from.get(review.id, ()):
        if one.type == looked:
            value = one.properties.get("reviewInput", ())
            found |= set(map(str, value)) if isinstance(value, tuple) else {str(value)}
        elif one.type == shows:
            # An input of which there was nothing to see is linked to the requirement alone.
            head, _, item = one.object.rpartition("/9.3-2-")
            if head and item[:1] in by_letter:
                found.add(by_letter[item[:1]])
    return found
