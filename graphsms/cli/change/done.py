"""``graphsms change done``: that a change was made, or failed."""

from __future__ import annotations

import click

from graphsms.cli._options import one_flag, open_graph, store_options
from graphsms.cli._output import console, hint, print_value
from graphsms.cli._who import actor_option


@click.command(
    "done",
    epilog="Example: graphsms change done rfc-2049 --deployed --started 2026-11-24T09:00 --ended 2026-11-24T09:20",
)
@click.argument("id", metavar="RFC")
@one_flag(
    "status",
    deployed="It was made, and is in the live environment.",
    failed="It did not succeed, and was undone or is put right.",
)
@click.option("--started", metavar="DATE", help="When its work really began.")
@click.option("--ended", metavar="DATE", help="When it was over. [default: as recorded, else now]")
@click.option("--outcome", metavar="OUTCOME", default="", help="How it ended, such as successful or reversed.")
@click.option("--root-cause", metavar="TEXT", default="", help="Why it failed, as far as that is known.")
@click.option("--policy", metavar="FILE", help="A policy for change management instead of the one that holds.")
@actor_option
@click.option("--json", "as_json", is_flag=True, help="The answer as JSON.")
@store_options
def command(
    id: str,
    status: str | None,
    started: str | None,
    ended: str | None,
    outcome: str,
    root_cause: str,
    policy: str | None,
    actor: str,
    as_json: bool,
    store: str | None,
    ontology: tuple[str, ...],
) -> None:
    """Record that a change was made or failed, when, and with which outcome.

    Whether it may go into that state from the one that it is in says the policy.
    """
    if status is None:
        raise click.UsageError("Say how it went: --deployed or --failed.")
    with open_graph(store, ontology) as graph:
        revision = graph.change.done(
            id, status, started=started, ended=ended, outcome=outcome, root_cause=root_cause, policy=policy, actor=actor
        )
        (found,) = graph.change.reviews(id, policy=policy)
    if as_json:
        print_value({"revision": revision.number, **found.to_json()})
        return
    due = f" Its review is due by {found.due[:10]}." if found.due and found.lacks else ""
    console().print(f"Revision {revision.number}: {id} is recorded as {found.status}.{due}", markup=False)
    hint("change", "review", id)
