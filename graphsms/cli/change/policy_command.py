"""``graphsms change policy``: the policy for change management, its rules, and the facts that rules may name."""

from __future__ import annotations

import click

from graphsms.cli._options import list_options, open_graph, store_options
from graphsms.cli._output import console, print_table, print_value
from graphsms.report.tables import Table


@click.command("policy", epilog="Example: graphsms change policy --policy our-changes.yaml")
@click.option("--policy", metavar="FILE", help="A policy for change management instead of ours: checked, and shown.")
@click.option("--facts", is_flag=True, help="List the facts that rules may rest on, with their conditions.")
@list_options
@store_options
def command(
    policy: str | None, facts: bool, as_json: bool, as_csv: bool, store: str | None, ontology: tuple[str, ...]
) -> None:
    """Check a policy for change management, and show its rules in the order in which they are tried.

    Of the rules for one conclusion the first that holds decides. What is wrong with the file is told with its line.
    """
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
    if as_json:
        rules_told = {
            conclusion: [{"id": one.id, "says": one.says, "because": one.because} for one in rules]
            for conclusion, rules in holds.rules.items()
        }
        print_value({"hash": holds.hash, "numbering": holds.numbering, "mode": holds.mode, "rules": rules_told})
        return
    rows = [
        (conclusion, rule.id, rule.says, rule.because) for conclusion, rules in holds.rules.items() for rule in rules
    ]
    if not as_csv:
        whose = policy or "Our policy"
        console().print(f"{whose} holds {len(rows)} rules.", markup=False)
    shown_rules = [(one[0].replace("_", " "), *one[1:]) for one in rows]
    headings = ("concludes", "rule", "says", "because")
    table = Table(("conclusion", "rule", "says", "because"), tuple(rows))
    print_table(table, as_csv=as_csv, headings=headings, shown=shown_rules)
