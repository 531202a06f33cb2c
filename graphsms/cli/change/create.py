"""``graphsms change create``: a new request for change, by options or from a file."""

from __future__ import annotations

from typing import Any

import click

from graphsms.cli._options import open_graph, store_options
from graphsms.cli._who import actor_option
from graphsms.cli.change._stating import print_recorded_requests, request_options, stated, touched


@click.command(
    "create",
    epilog="Example: graphsms change create --name 'Patch host North 4' --touch host-n-4 outage"
    " --start 2026-12-05T20:00 --end 2026-12-05T23:00",
)
@click.option("--file", "file", metavar="FILE", help="A YAML file that states one request, or several.")
@click.option("--id", "id", metavar="ID", help="Its id. [default: the next number by the policy]")
@request_options
@click.option("--reason", metavar="TEXT", default="", help="Why it is recorded, for the history.")
@click.option("--policy", metavar="FILE", help="A policy for change management instead of the one that holds.")
@actor_option
@click.option("--json", "as_json", is_flag=True, help="The answer as JSON.")
@store_options
def command(
    file: str | None,
    id: str | None,
    zone: str | None,
    reason: str,
    policy: str | None,
    actor: str,
    as_json: bool,
    store: str | None,
    ontology: tuple[str, ...],
    **said: Any,
) -> None:
    """Record a new request for change: all that it says is checked, and all of it recorded or nothing.

    Ids have to exist, a window ends after it begins, modes and codes are those of the ontology. Without --id it is
    numbered by the policy.
    """
    with open_graph(store, ontology) as graph:
        says = stated(said, graph.vocabulary)
        acts_on = touched(said, graph.vocabulary)
        if file is not None and (says or acts_on or id):
            raise click.UsageError("Give either --file, or options that state the request.")
        if file is None and not (says or acts_on):
            raise click.UsageError("Say something of the request, such as --name and --touch, or give --file.")
        if acts_on:
            touches = graph.vocabulary.known_as("touched by change")
            says[touches] = [{"to": one, "mode": mode} if mode else one for one, mode in acts_on.items()]
        if id is not None:
            says["id"] = id
        requests = () if file is not None else (says,)
        answer = graph.change.create(*requests, file=file, policy=policy, zone=zone, actor=actor, reason=reason)
    print_recorded_requests(answer, as_json=as_json)
