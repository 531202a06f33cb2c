"""``graphsms change judge``: what a person knows better than the graph about one entity."""

from __future__ import annotations

import click

from graphsms.cli._options import one_flag, open_graph, store_options
from graphsms.cli._output import console, hint, print_value
from graphsms.cli._who import actor_option


@click.command(
    "judge",
    epilog="Example: graphsms change judge rfc-2051 web-shop --not-impacted --why 'Orders wait' --by p-marwick",
)
@click.argument("rfc", metavar="RFC")
@click.argument("entity", metavar="ENTITY")
@one_flag(
    "verdict",
    impacted="The entity is impacted by the change.",
    not_impacted="It is not.",
    withdraw="Take back what was judged; that it was stays visible.",
)
@click.option("--state", metavar="STATE", help="In which state: 'at risk', degraded or down. [default: degraded]")
@click.option("--why", metavar="TEXT", default="", help="Why, for those who decide.")
@click.option("--by", metavar="ID", default="", help="Who judges: a person, another party or a role of the graph.")
@actor_option
@click.option("--json", "as_json", is_flag=True, help="The answer as JSON.")
@store_options
def command(
    rfc: str,
    entity: str,
    verdict: str | None,
    state: str | None,
    why: str,
    by: str,
    actor: str,
    as_json: bool,
    store: str | None,
    ontology: tuple[str, ...],
) -> None:
    """Say that ENTITY is, or is not, impacted by RFC, whatever the graph concludes.

    What is not impacted stays as it is, and nothing goes on from there; what is impacted goes on. Assessments show
    both.
    """
    if verdict is None:
        raise click.UsageError("Give one of --impacted, --not-impacted and --withdraw.")
    withdraw, impacted = verdict == "withdraw", verdict == "impacted"
    if not withdraw and not (why and by):
        raise click.UsageError("Say why and by whom: --why TEXT --by ID.")
    if withdraw and (state or why or by):
        raise click.UsageError("With --withdraw, nothing else is judged: leave --state, --why and --by out.")
    with open_graph(store, ontology) as graph:
        if withdraw:
            revision = graph.change.withdraw(rfc, entity, actor=actor)
            said = f"What was judged of {entity} in the assessment of {rfc} is withdrawn"
        else:
            revision = graph.change.judge(
                rfc, entity, impacted=impacted, why=why, by=by, state=_canonical(state), actor=actor
            )
            said = f"{entity} is judged {'to be' if impacted else 'not to be'} impacted by {rfc}"
    if as_json:
        print_value(
            {"revision": revision.number, "request": rfc, "entity": entity, "impacted": None if withdraw else impacted}
        )
        return
    console().print(f"{said}: revision {revision.number}.", markup=False)
    hint("change", "assess", rfc)


def _canonical(state: str | None) -> str | None:
    return None if state is None else state.replace("-", " ").replace("_", " ")
