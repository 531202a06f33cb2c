"""``graphsms change policy``: the policy for change management, its rules, the facts they may name, and keeping it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from graphsms.cli._options import list_options, open_graph, store_options
from graphsms.cli._output import console, print_table, print_value
from graphsms.cli._who import actor_option
from graphsms.report.tables import Table

if TYPE_CHECKING:
    from graphsms.change.policy import ChangePolicy


@click.command("policy", epilog="Example: graphsms change policy --set our-changes.yaml --reason 'Decided by the CAB'")
@click.option("--policy", metavar="FILE", help="A policy for change management: checked, and shown.")
@click.option("--facts", is_flag=True, help="List the facts that rules may rest on, with their conditions.")
@click.option("--told", is_flag=True, help="List who is told, in which role, and over which relations.")
@click.option("--set", "kept", metavar="FILE", help="Keep the policy of a file with the graph: it holds from now on.")
@click.option("--unset", is_flag=True, help="No longer keep one: ours holds again.")
@click.option("--record", metavar="ID", default="", help="In which record it is kept, where there are several.")
@click.option("--reason", metavar="TEXT", default="", help="Why it is set or unset, for the history.")
@actor_option
@list_options
@store_options
def command(
    policy: str | None,
    facts: bool,
    told: bool,
    kept: str | None,
    unset: bool,
    record: str,
    reason: str,
    actor: str,
    as_json: bool,
    as_csv: bool,
    store: str | None,
    ontology: tuple[str, ...],
) -> None:
    """Check a policy for change management, show its rules in the order in which they are tried, or keep it.

    Of the rules for one conclusion the first that holds decides. What is wrong with the file is told with its line.
    Kept with the graph, it holds for all commands that are not given another by --policy.
    """
    if sum(map(bool, (policy, facts, kept, unset))) > 1:
        raise click.UsageError("Give one of --policy, --facts, --set and --unset.")
    if kept or unset:
        if not reason:
            raise click.UsageError("Say why: --reason TEXT.")
        if told or as_csv:
            raise click.UsageError("With --set and --unset nothing is listed: leave --told and --csv out.")
        _keep(kept, record, actor, reason, as_json, store, ontology)
        return
    if record or reason:
        raise click.UsageError("--record and --reason belong to --set and --unset.")
    from graphsms.change.conditions import FACTS, conditions_over

    if facts:
        table = Table(
            ("fact", "form", "conditions", "definition"),
            tuple((one.name, one.form, conditions_over(one), one.definition) for one in FACTS.values()),
        )
        shown = [(one.name, ", ".join(conditions_over(one)), one.definition) for one in FACTS.values()]
        if not (as_json or as_csv):
            console().print(f"Rules may rest on {len(FACTS)} facts.", markup=False)
        print_table(table, as_json=as_json, as_csv=as_csv, headings=("fact", "conditions", "what it is"), shown=shown)
        return
    with open_graph(store, ontology) as graph:
        holds = graph.change.policy(policy)
    whose = policy or (f"The policy kept in {holds.kept_as}" if holds.kept_as else "Our policy")
    if told:
        _print_told(holds, whose, as_json=as_json, as_csv=as_csv)
        return
    if as_json:
        rules_told = {
            conclusion: [{"id": one.id, "says": one.says, "because": one.because} for one in rules]
            for conclusion, rules in holds.rules.items()
        }
        said = {"hash": holds.hash, "kept_in": holds.kept_as or None, "numbering": holds.numbering, "mode": holds.mode}
        print_value({**said, "rules": rules_told})
        return
    rows = [
        (conclusion, rule.id, rule.says, rule.because) for conclusion, rules in holds.rules.items() for rule in rules
    ]
    if not as_csv:
        console().print(f"{whose} holds {len(rows)} rules.", markup=False)
    shown_rules = [(one[0].replace("_", " "), *one[1:]) for one in rows]
    headings = ("concludes", "rule", "says", "because")
    table = Table(("conclusion", "rule", "says", "because"), tuple(rows))
    print_table(table, as_csv=as_csv, headings=headings, shown=shown_rules)


def _keep(
    file: str | None,
    record: str,
    actor: str,
    reason: str,
    as_json: bool,
    store: str | None,
    ontology: tuple[str, ...],
) -> None:
    with open_graph(store, ontology) as graph:
        before = graph.revision.number
        if file is None:
            revision = graph.change.let_go_of_policy(record=record, actor=actor, reason=reason)
            holds, said = graph.change.policy(), "No policy is kept any more: ours holds"
        else:
            revision, holds = graph.change.keep_policy(file, record=record, actor=actor, reason=reason)
            said = f"The policy of {file} is kept in {holds.kept_as}, and holds"
    if as_json:
        print_value(
            {
                "revision": revision.number,
                "changed": revision.number != before,
                "kept_in": holds.kept_as or None,
                "hash": holds.hash,
            }
        )
        return
    already = "as it was" if revision.number == before else f"from revision {revision.number} on"
    console().print(f"{said} {already}.", markup=False)
    console().print(f"SHA-256 {holds.hash}", markup=False)


def _print_told(policy: ChangePolicy, whose: str, *, as_json: bool, as_csv: bool) -> None:
    rows = tuple((one.role, one.of or ("requests",), one.through, one.to) for one in policy.considered.told)
    if not (as_json or as_csv):
        console().print(f"{whose} says of whom is told in {len({one[0] for one in rows})} roles.", markup=False)
    shown = [(role, *(", ".join(words) or "–" for words in more)) for role, *more in rows]
    headings = ("role", "of what", "through", "to")
    table = Table(("role", "of", "through", "to"), rows)
    print_table(table, as_json=as_json, as_csv=as_csv, headings=headings, shown=shown)
