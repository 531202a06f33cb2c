"""``graphsms change edit``: what a request for change says is altered."""

from __future__ import annotations

from typing import Any

import click

from graphsms.cli._options import open_graph, store_options
from graphsms.cli._who import actor_option
from graphsms.cli.change._stating import print_recorded_requests, request_options, stated, touched


@click.command("edit", epilog="Example: graphsms change edit rfc-2051 --start 2026-11-29T19:00 --end 2026-11-29T22:00")
@click.argument("id", metavar="RFC")
@request_options
@click.option("--untouch", multiple=True, metavar="ID", help="What it touches no longer; may be repeated.")
@click.option("--unset", multiple=True, metavar="KEY", help="A property or relation to take away; may be repeated.")
@click.option("--status", metavar="CODE", help="The state that it goes into, where nobody has to decide that.")
@click.option("--reason", metavar="TEXT", default="", help="Why it is altered, for the history.")
@click.option("--policy", metavar="FILE", help="A policy for change management instead of the one that holds.")
@actor_option
@click.option("--json", "as_json", is_flag=True, help="The answer as JSON.")
@store_options
def command(
    id: str,
    untouch: tuple[str, ...],
    unset: tuple[str, ...],
    status: str | None,
    zone: str | None,
    reason: str,
    policy: str | None,
    actor: str,
    as_json: bool,
    store: str | None,
    ontology: tuple[str, ...],
    **said: Any,
) -> None:
    """Alter the request RFC: what is stated takes the place of what was, the rest stays.

    A relation takes the place of all of its kind; what is touched is added to by --touch, and taken away by --untouch.
    What a source stated before stays beside it, and what is entered here holds against it.
    """
    with open_graph(store, ontology) as graph:
        says = stated(said, graph.vocabulary)
        if both := sorted(says.keys() & set(unset)):
            raise click.UsageError(f"{both[0]} is stated and taken away at once.")
        says.update(dict.fromkeys(unset))
        if status is not None:
            says["changeStatus"] = status
        touch = touched(said, graph.vocabulary)
        if not (says or touch or untouch):
            raise click.UsageError("Say what is to be altered.")
        answer = graph.change.edit(
            id, says, touch=touch, untouch=untouch, policy=policy, zone=zone, actor=actor, reason=reason
        )
    print_recorded_requests(answer, as_json=as_json)
