"""What an assessment starts from: the changes, what is down or changing already, and what people judged (8.5.1.3)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, Final

from graphsms.analysis.answer import Impact, Seed
from graphsms.analysis.impact import Explanation, Step, explain, impact, modes
from graphsms.change.considered import Judgement
from graphsms.change.context import MODE_OF, Disturbance, context_of, modes_together
from graphsms.change.judgements import read_judgements, standing
from graphsms.change.policy import ChangePolicy
from graphsms.change.requests import Request, read_requests
from graphsms.errors import InputError
from graphsms.model import Revision
from graphsms.moments import canonical_moment, now
from graphsms.snapshot.carriage import STATES
from graphsms.snapshot.validity import BEGINNING, END, microseconds
from graphsms.store import Store
from graphsms.store.journal import EMPTY

__all__ = ["Grounds", "grounds_of", "moment_of", "real_seeds", "states_of"]

_OK: Final = STATES[0]
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Grounds:
    """What an assessment starts from.

    Parameters
    ----------
    store : Store
    policy : ChangePolicy
    revision : Revision
    as_of : str
    requests, others : tuple of Request
        The changes in question; those that are neither made nor given up.
    span : tuple of int or None
        From the first start of a window to the last end; None where none has any.
    with_context : bool
    context : tuple of Disturbance
    judgements : tuple of Judgement
    own, added, disturbed : mapping of str to str
        Modes by id: of what the changes touch, of what people added, of what is disturbed already.
    set_aside : mapping of str to str
        By id of what people judged not to be impacted, the state that the context alone leaves it in.
    before : Impact or None
        The impact of the context alone.
    notes : tuple of str
    zone : tzinfo
        The organization's time zone.
    """

    store: Store
    policy: ChangePolicy
    revision: Revision
    as_of: str
    requests: tuple[Request, ...]
    others: tuple[Request, ...]
    span: tuple[int, int] | None
    with_context: bool
    context: tuple[Disturbance, ...]
    judgements: tuple[Judgement, ...]
    own: Mapping[str, str]
    added: Mapping[str, str]
    disturbed: Mapping[str, str]
    set_aside: Mapping[str, str]
    before: Impact | None
    notes: tuple[str, ...]
    zone: tzinfo = UTC

    def question(self) -> dict[str, Any]:
        """What to ask of the impact: ids, with the mode of each, and what stays as it is.

        Where nothing is touched the requests themselves are asked for, which seed nothing.
        """
        known = modes(self.store.vocabulary)
        together = dict(self.disturbed)
        for id, mode in (*self.added.items(), *self.own.items()):
            # What the change does counts where it does as much: only its own removal leaves something out for good.
            there = together.get(id)
            if there is None or _worse_or_equal(known[mode].seeds, known[there].seeds):
                together[id] = mode
        ids = [*together] or [one.id for one in self.requests]
        return {
            "ids": ids,
            "modes_of": together,
            "held": self.set_aside,
            "at": self.revision.number,
            "as_of": self.as_of,
        }

    def impact(self) -> Impact:
        """The impact of the changes and their context together."""
        return impact(self.store, **self.question())

    def computed(self) -> dict[str, str]:
        """States by id where nobody has judged anything."""
        if not self.judgements:
            return {}
        plain = replace(self, own=_touched(self.store, self.requests), added={}, set_aside={})
        return states_of(plain.impact())

    def explain(self, target: str) -> Explanation:
        """Why an entity is in the state that the assessment says."""
        asked = self.question()
        ids = asked.pop("ids")
        found = explain(self.store, ids, target, **asked)
        step = None if found.steps else self._itself(target)
        # Why something else seeds nothing is no part of the answer.
        others = tuple(f"{id}: " for id in ids if id != target or found.steps or step is not None)
        notes = tuple(note for note in found.notes if not note.startswith(others))
        if step is not None:
            return replace(found, state=step.state, steps=(step,), notes=notes)
        return replace(found, steps=tuple(self._step(one) for one in found.steps), notes=notes)

    def _itself(self, target: str) -> Step | None:
        """Of what cannot fail, such as a policy: that a change touches it itself, or that a person added it."""
        words = self.store.vocabulary
        mode = self.own.get(target) or self.added.get(target)
        state = modes(words)[mode].seeds if mode else None
        if state is None:
            return None
        for request in self.requests:
            for one in request.touches:
                if one.entity.id == target and target in self.own:
                    text = f"{target} is {state}: touched by {request.id}"
                    touches = (words.known_as("touched by change"),)
                    return Step(target, one.entity.type, one.entity.name, state, (request.id,), touches, text)
        for judged in standing(self.judgements, impacted=True):
            if judged.entity == target:
                text = f"{target} is {state}: added by hand ({judged.id})"
                judges = (words.known_as("judged entity"),)
                return Step(target, judged.type, judged.name, state, (judged.id,), judges, text)
        return None

    def _step(self, step: Step) -> Step:
        if step.id not in self.set_aside:
            return step
        return replace(step, text=f"{step.id} stays {step.state}, as it is without the change: a person judged it so")


def grounds_of(
    store: Store,
    policy: ChangePolicy,
    ids: Sequence[str],
    *,
    at: int | None = None,
    as_of: str | None = None,
    with_context: bool = True,
    zone: tzinfo = UTC,
) -> Grounds:
    """Read what an assessment of requests starts from.

    Raises
    ------
    UnknownIdError, InputError
        An id is none, or is no request for change; or none is given.
    """
    if not ids:
        raise InputError("Give at least one request for change.")
    revision = _revision(store, at)
    requests = tuple(read_requests(store, policy, ids, revision.number))
    span = _span(requests)
    moment = as_of or (moment_of(span[0]) if span and span[0] > BEGINNING else now())
    others = tuple(_others(store, policy, {one.id for one in requests}, revision.number))
    instant = microseconds(moment)
    context: tuple[Disturbance, ...] = ()
    if with_context:
        apart = {one.id for one in requests}
        context = tuple(
            context_of(store, policy, others, span or (instant, instant + 1), without=apart, at=revision.number)
        )
    disturbed = modes_together(((one.entity.id, one.mode) for one in context), store)
    before = impact(store, list(disturbed), modes_of=disturbed, at=revision.number, as_of=moment) if disturbed else None
    judgements = read_judgements(store, requests, moment, revision.number)
    judged, aside = _judged(judgements, requests, states_of(before) if before else {})
    return Grounds(
        store=store,
        policy=policy,
        revision=revision,
        as_of=moment,
        requests=requests,
        others=others,
        span=span,
        with_context=with_context,
        context=context,
        judgements=judged,
        own={id: mode for id, mode in _touched(store, requests).items() if id not in aside},
        added=modes_together(
            ((one.entity, MODE_OF[one.state]) for one in standing(judged, impacted=True) if one.state in MODE_OF),
            store,
        ),
        disturbed=disturbed,
        set_aside=aside,
        before=before,
        notes=tuple(_notes(requests, span, instant, moment)),
        zone=zone,
    )


def real_seeds(impact: Impact) -> dict[str, Seed]:
    """The seeds that were put into a state themselves, by id; what stands for one that cannot be is one of them."""
    found: dict[str, Seed] = {}
    for seed in impact.seeds:
        for one in seed.stands_for or (seed,):
            if not one.note and (one.id not in found or _worse_or_equal(one.seeded, found[one.id].seeded)):
                found[one.id] = one
    return found


def states_of(impact: Impact) -> dict[str, str]:
    """States by id of all that is not ok."""
    found = {one.id: one.state for one in (*impact.hits, *impact.concerned)}
    found.update((id, seed.state) for id, seed in real_seeds(impact).items() if seed.state != _OK)
    return found


def moment_of(instant: int) -> str:
    """A moment, canonical, from microseconds; "" beyond all dates."""
    if not BEGINNING < instant < END:
        return ""
    return canonical_moment(_EPOCH + timedelta(microseconds=instant))


def _worse_or_equal(state: str | None, other: str | None) -> bool:
    return STATES.index(state or _OK) >= STATES.index(other or _OK)


def _touched(store: Store, requests: Iterable[Request]) -> dict[str, str]:
    return modes_together(((one.entity.id, one.mode) for request in requests for one in request.touches), store)


def _revision(store: Store, at: int | None) -> Revision:
    present = store.revision()
    if at is None or at == present.number:
        return present
    if not 0 <= at < present.number:
        raise InputError(f"There is no revision {at}; the present one is {present.number}.")
    return EMPTY if at == 0 else next(store.revisions(since=at - 1))


def _span(requests: Sequence[Request]) -> tuple[int, int] | None:
    spans = [span for one in requests if (span := one.span) and span[0] < span[1]]
    return (min(since for since, _ in spans), max(until for _, until in spans)) if spans else None


def _others(store: Store, policy: ChangePolicy, asked: set[str], at: int) -> list[Request]:
    kind = store.vocabulary.known_as("request for change")
    ahead = policy.ahead | policy.undecided
    ids = [
        one.id
        for one in store.entities(type=kind, at=at)
        if one.id not in asked and one.properties.get("changeStatus") in ahead
    ]
    return read_requests(store, policy, ids, at)


def _judged(
    judgements: Sequence[Judgement], requests: Sequence[Request], before: Mapping[str, str]
) -> tuple[tuple[Judgement, ...], dict[str, str]]:
    """The judgements with what has to be said of them, and by id what stays as it is, and how."""
    added = {one.entity for one in standing(judgements, impacted=True)}
    about: dict[str, set[str]] = {}
    for one in standing(judgements, impacted=False):
        about.setdefault(one.entity, set()).add(one.request)
    asked = {one.id for one in requests}
    aside: dict[str, str] = {}
    found = []
    for one in judgements:
        note = one.note
        if one.holds and not one.impacted:
            if one.entity in added:
                note = "Somebody else holds it to be impacted: that counts."
            elif missing := sorted(asked - about[one.entity]):
                note = f"It is not judged so for {', '.join(missing)}, which is assessed with it, and does not count."
            else:
                aside[one.entity] = before.get(one.entity, _OK)
                note = f"It stays {before[one.entity]}, as it is without the change." if one.entity in before else note
        found.append(replace(one, note=note))
    return tuple(found), aside


def _notes(requests: Sequence[Request], span: tuple[int, int] | None, instant: int, moment: str) -> Iterable[str]:
    if without := [one.id for one in requests if one.span is None]:
        have = "has" if len(without) == 1 else "have"
        yield f"{', '.join(without)} {have} no window: what else is changed at the same time is not known."
    if empty := [one.id for one in requests if not one.touches]:
        verb = "says" if len(empty) == 1 else "say"
        yield f"{', '.join(empty)} {verb} nothing of what is touched: what it hits is not known."
    if turned := [one.id for one in requests if one.span and one.span[0] >= one.span[1]]:
        yield f"The window of {', '.join(turned)} ends before it begins, and is left out of account: correct it."
    spans = [one.span for one in requests if one.span and one.span[0] < one.span[1]]
    if len(spans) > 1 and max(since for since, _ in spans) >= min(until for _, until in spans):
        yield "Not all of the windows have a moment in common: the changes are assessed as if they were made together."
    if span and not span[0] <= instant < span[1]:
        yield f"The window does not contain {moment}: what is valid then may not be so when the change is made."
