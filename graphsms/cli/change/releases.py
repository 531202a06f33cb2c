"""``graphsms change releases``: contents, acceptance, deployment of releases, and incidents related to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from graphsms.cli._changes import print_recorded
from graphsms.cli._options import Asked, question_options
from graphsms.cli._output import console, hint, print_table, print_value
from graphsms.report.tables import Table

if TYPE_CHECKING:
    from graphsms.change.release_states import Releases, ReleaseState

_HOW = {"caused": "recorded as caused by it", "touched": "on what it touched", "hit": "on what it hit"}


@click.command("releases", epilog="Example: graphsms change releases rel-shop-4-18")
@click.argument("ids", nargs=-1, metavar="[RELEASE]...")
@click.option("--policy", metavar="FILE", help="A policy for change management instead of the one that holds.")
@question_options
def command(ids: tuple[str, ...], policy: str | None, asked: Asked) -> None:
    """Show releases: type, contents, acceptance, baseline, deployment, and the incidents related to them.

    Incidents count in the period of observation that the release states, or else that of the policy, where they are on
    what it touches or hits; and whenever they are recorded as caused by it.
    """
    with asked.graph() as graph:
        answer = graph.change.releases(*ids, policy=policy, at=asked.at, as_of=asked.as_of)
        revision = graph.history.revision(answer.revision)
    if asked.as_json:
        print_value(answer.to_json())
    elif asked.as_csv:
        from graphsms.change.release_states import COLUMNS

        print_table(Table(COLUMNS, tuple(one.row() for one in answer.releases)), as_csv=True)
        print_recorded(revision, answer.as_of, aside=True)
    else:
        if ids:
            for one in answer.releases:
                _print_one(one)
        else:
            _print_all(answer)
        print_recorded(revision, answer.as_of)
        if answer.releases and not ids:
            hint("change", "releases", answer.releases[0].id)


def _print_all(answer: Releases) -> None:
    console().print(answer.sentence(), markup=False, style="bold")
    if not answer.releases:
        return
    shown = [
        (
            one.id,
            one.says("releaseType") or "–",
            one.says("releaseStatus") or "–",
            one.accepted or "–",
            "taken" if one.baselines else "–",
            one.deployed[:10] or "–",
            str(len(one.incidents)) if one.deployed else "–",
        )
        for one in answer.releases
    ]
    headings = ("id", "type", "status", "decision", "baseline", "deployed", "related")
    print_table(Table((), ()), headings=headings, shown=shown)


def _print_one(one: ReleaseState) -> None:
    out = console()
    if not one.deployed:
        followed = "not deployed yet"
    else:
        until = f"{'observed' if one.watching else 'was observed'} until {one.observed_until[:10]}"
        many = f"{len(one.incidents):,} incident{'' if len(one.incidents) == 1 else 's'}"
        followed = f"deployed on {one.deployed[:10]}, {until}, {many} related to it"
    out.print(f"{one.id}: {followed}.", markup=False, style="bold")
    tested = one.entity.properties.get("testedSuccessfully")
    said = [
        ("name", one.entity.name),
        ("type", one.says("releaseType") or "–"),
        ("status", one.says("releaseStatus") or "–"),
        ("requests", ", ".join(one.implements) or "–"),
        ("contents", ", ".join(one.delivers) or "–"),
        ("tested", "–" if tested is None else "with success" if tested else "without success"),
        ("baseline", ", ".join(one.baselines) or "–"),
        *(
            (
                "acceptance",
                f"{each.outcome or 'not stated'}{f' on {each.at[:10]}' if each.at else ''} by "
                f"{', '.join(each.by) or 'nobody stated'}, based on {', '.join(each.based_on) or 'nothing stated'}",
            )
            for each in one.acceptances
        ),
        *([] if one.acceptances else [("acceptance", "–")]),
        *(
            (
                "planned deployment" if each.planned else "deployment",
                f"{each.id}, {each.end[:16].replace('T', ' ')}{f', {each.outcome}' if each.outcome else ''}",
            )
            for each in one.deployments
        ),
        ("observed for", f"{one.observed_for}{'' if one.stated else ' (by the policy)'}"),
        ("outcome", one.says("outcome") or "–"),
    ]
    print_table(Table((), ()), headings=("what", "recorded"), shown=said)
    if one.incidents:
        shown = [(each.id, _HOW[each.how], each.incident.entity.name) for each in one.incidents]
        print_table(Table((), ()), title="Incidents", headings=("id", "related", "name"), shown=shown)
