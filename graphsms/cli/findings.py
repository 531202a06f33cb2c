"""``graphsms findings``: what the checks find, what is new and what is gone, and what is decided about it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from graphsms.cli._changes import tell_times
from graphsms.cli._options import Asked, answer_options, question_options
from graphsms.cli._output import console, hint, print_table, print_value
from graphsms.cli._who import actor_option
from graphsms.errors import InputError
from graphsms.report.tables import Table

if TYPE_CHECKING:
    from graphsms.findings import Disposition, Finding, FindingsAnswer, Tally
    from graphsms.graph import Graph

_STATES = ("open", "accepted", "gone", "all")
_SHOWN = 5  # of a check, where several are shown
_WIDE = 110  # columns, from where titles fit a line beside the rest
_F = TypeVar("_F", bound=Callable[..., Any])


def checks_options(command: _F) -> _F:
    """``--checks``, ``--policy`` and ``--rules``."""
    for option in (
        click.option("--rules", metavar="FILE", help="Rules of identification of your own (YAML) instead of ours."),
        click.option("--policy", metavar="FILE", help="A policy for configuration management instead of ours."),
        click.option(
            "--checks",
            "files",
            metavar="FILE",
            multiple=True,
            help="Checks of your own (YAML) beside ours; may be repeated.",
        ),
    ):
        command = option(command)
    return command


@click.group(
    "findings",
    invoke_without_command=True,
    epilog="Example: graphsms findings --severity error --record",
)
@click.option("--check", "only", metavar="ID", multiple=True, help="Run this check only; may be repeated.")
@click.option("--type", "type_", metavar="TYPE", help="Show those on entities of a type and its subtypes.")
@click.option("--severity", metavar="SEVERITY", help="Show those that are at least so severe: notice, warning, error.")
@click.option(
    "--status",
    type=click.Choice(_STATES),
    default="open",
    show_default=True,
    help="Show those that are open, accepted, or gone; or all.",
)
@click.option("--record", is_flag=True, help="Store what is found, as one revision, to compare later runs with.")
@actor_option
@checks_options
@question_options
@click.pass_context
def command(
    ctx: click.Context,
    only: tuple[str, ...],
    type_: str | None,
    severity: str | None,
    status: str,
    record: bool,
    actor: str,
    files: tuple[str, ...],
    policy: str | None,
    rules: str | None,
    asked: Asked,
) -> None:
    """Run the checks: what does not hold, for which clause, and what is decided about it.

    Exit code 1 where something that is shown is open. A finding is known by its rule and its entities; what is
    decided about it is kept by that. Compared is with what --record stored last.
    """
    if ctx.invoked_subcommand is not None:
        ctx.find_root().obj = {"store": asked.store, "ontology": asked.ontology}
        return
    if record and (asked.at or asked.as_of):
        raise click.UsageError("Only what is there now can be recorded: leave out --at and --as-of.", ctx)
    with asked.graph() as graph:
        keep = _filter(graph, type_, severity)
        found = graph.findings
        if record:
            answer = found.record(checks=only, files=files, policy=policy, rules=rules, actor=actor)
        else:
            answer = found.run(checks=only, files=files, policy=policy, rules=rules, at=asked.at, as_of=asked.as_of)
    shown = answer.only(lambda one: keep(one) and status in ("all", one.state))
    _print(answer.only(keep), shown, status, as_json=asked.as_json, as_csv=asked.as_csv)
    sys.exit(1 if shown.open else 0)


def _filter(graph: Graph, type_: str | None, severity: str | None) -> Callable[[Finding], bool]:
    words = graph.vocabulary
    graph.entities(type=type_)  # an unknown type is told before anything runs
    codes = words.code_lists[str(words.properties["severity"].code_list)]
    least = codes.code(severity) if severity else None
    if severity and least is None:
        raise InputError(
            f"There is no severity {severity!r}; there are {', '.join(one.notation for one in codes.codes)}."
        )

    def keep(one: Finding) -> bool:
        known = codes.code(one.severity)
        if least is not None and (known is None or (known.rank or 0) < (least.rank or 0)):
            return False
        return type_ is None or any(type and words.is_a(type, type_) for type in one.types)

    return keep


def _print(answer: FindingsAnswer, shown: FindingsAnswer, status: str, *, as_json: bool, as_csv: bool) -> None:
    if as_json:
        print_value(shown.to_json())
        return
    if as_csv:
        print_table(shown.table(), as_csv=True)
        tell_times(shown)
        return
    from rich.text import Text

    out = console()
    out.print(Text(answer.sentence(), style="bold"))
    # Findings come worst first, so that their checks do too.
    found = {check: [one for one in shown.findings if one.check == check] for check in _checks_of(shown)}
    tallies = {tally.check: tally for tally in shown.tallies}
    if len(found) > 1:
        _print_summary([tallies[check] for check in found], wide=out.width >= _WIDE)
    for check, those in found.items():
        _print_check(tallies[check], those, most=len(those) if len(tallies) == 1 else _SHOWN)
    empty = [one for one in shown.tallies if not one.looked_at]
    for one in empty:
        out.print(Text(f"Nothing to look at for {one.check}{f': {one.note}' if one.note else ''}.", style="dim"))
    _print_foot(answer, status)
    if shown.open:
        hint("findings", "dispose", shown.open[0].identity)


def _checks_of(shown: FindingsAnswer) -> list[str]:
    """The checks of findings in the order of these: what is open first, and of that the worst."""
    return list(dict.fromkeys(one.check for one in shown.findings))


def _print_summary(tallies: Sequence[Tally], *, wide: bool) -> None:
    """Which check found how much, before what it found; with its title where that fits a line."""
    headings = ("severity", "found", "clause", "check", "what it looks for")
    rows = [
        (one.severity, f"{one.deficient:,} of {one.looked_at:,}", one.clause, one.check, one.title) for one in tallies
    ]
    kept = len(headings) if wide else len(headings) - 1
    print_table(Table((), ()), title="Checks", headings=headings[:kept], shown=[row[:kept] for row in rows])


def _print_check(tally: Tally, found: Sequence[Finding], *, most: int) -> None:
    from rich.text import Text

    share = f"{tally.deficient:,} of {tally.looked_at:,}"
    rows = [(one.identity.partition(":")[2], one.message, _life(one)) for one in found[:most]]
    title = f"{tally.title} [{tally.check}, {tally.severity}, {tally.clause}]: {share}"
    kept = 3 if any(row[2] != "new" for row in rows) else 2
    headings = ("finding", "what", "state")[:kept]
    print_table(Table((), ()), title=title, headings=headings, shown=[row[:kept] for row in rows])
    if len(found) > most:
        console().print(Text(f"... and {len(found) - most:,} more; --check {tally.check} shows them all."))
    console().print(Text(found[0].remedy, style="italic"))


def _life(one: Finding) -> str:
    """How it compares with the last record, and what is decided about it."""
    words = [one.status if one.status != "still there" else f"since {one.first_found[:16]}Z"]
    if one.disposition is not None:
        words.append(str(one.disposition))
    return "; ".join(words)


def _print_foot(answer: FindingsAnswer, status: str) -> None:
    from rich.text import Text

    out = console()
    hidden = [
        f"{count} {state}"
        for state, count in (("open", len(answer.open)), ("accepted", len(answer.accepted)), ("gone", len(answer.gone)))
        if count and status not in ("all", state)
    ]
    recorded = f" of {answer.at[:16]}Z" if answer.at else ""
    parts = [f"Revision {answer.revision}{recorded}, as of {answer.as_of[:16]}Z."]
    if answer.recorded is not None:
        parts.append(f"Recorded in revision {answer.recorded}.")
    if hidden:
        parts.append(f"Not shown: {', '.join(hidden)}; --status all shows them.")
    if answer.not_run:
        parts.append(f"{answer.not_run} stored findings are of checks that were not run.")
    out.print()
    out.print(Text(" ".join(parts), style="dim"))


@command.command(
    "dispose", epilog="Example: graphsms findings dispose service-without-sla:web,acme --owner p-1 --due 2027-01-31"
)
@click.argument("identity")
@click.option("--owner", metavar="ID", default="", help="Who deals with it: a person, a team, a unit or a role.")
@click.option("--due", metavar="DATE", default="", help="By when.")
@click.option(
    "--through", metavar="ID", multiple=True, help="The risk, nonconformity, improvement or change that takes it up."
)
@click.option("--accept", is_flag=True, help="Leave it as it is, with --why, --until and --by.")
@click.option("--why", metavar="TEXT", default="", help="Why it is decided so.")
@click.option("--until", metavar="DATE", default="", help="Until when it is accepted; then it is open again.")
@click.option("--by", metavar="ID", default="", help="Who decides.")
@actor_option
@checks_options
@answer_options
def dispose(
    identity: str,
    owner: str,
    due: str,
    through: tuple[str, ...],
    accept: bool,
    why: str,
    until: str,
    by: str,
    actor: str,
    files: tuple[str, ...],
    policy: str | None,
    rules: str | None,
    asked: Asked,
) -> None:
    """Decide about the finding IDENTITY: who deals with it by when, or accept it until a day.

    What is decided is kept by the identity, also while the finding is gone; a new decision replaces it.
    """
    if accept and (owner or due or through):
        raise click.UsageError("Give either --accept, or --owner, --due and --through.")
    if until and not accept:
        raise click.UsageError("--until belongs to --accept; the day by which it is done is --due.")
    with asked.graph() as graph:
        found = graph.findings
        if accept:
            done = found.accept(
                identity, why=why, until=until, by=by, files=files, policy=policy, rules=rules, actor=actor
            )
        else:
            done = found.dispose(
                identity, owner=owner, due=due, through=through, by=by, why=why, files=files, policy=policy,
                rules=rules, actor=actor,
            )  # fmt: skip
    _tell(identity, done, as_json=asked.as_json, as_csv=asked.as_csv)


@command.command("reopen", epilog="Example: graphsms findings reopen service-without-sla:web,acme")
@click.argument("identity")
@click.option("--why", metavar="TEXT", default="", help="Why, for the history.")
@actor_option
@answer_options
def reopen(
    identity: str,
    why: str,
    actor: str,
    asked: Asked,
) -> None:
    """End what was decided about the finding IDENTITY: it is open again. The decision stays readable."""
    with asked.graph() as graph:
        done = graph.findings.reopen(identity, why=why, actor=actor)
    _tell(identity, done, as_json=asked.as_json, as_csv=asked.as_csv)


@command.command("checks", epilog="Example: graphsms findings checks --json")
@checks_options
@answer_options
def list_checks(
    files: tuple[str, ...],
    policy: str | None,  # noqa: ARG001
    rules: str | None,  # noqa: ARG001
    asked: Asked,
) -> None:
    """List the checks: what each looks for, for which clause, and how severe it is."""
    with asked.graph() as graph:
        known = graph.findings.checks(files=files)
    columns = ("id", "version", "severity", "clause", "title")
    rows = tuple((one.id, one.version, one.severity, one.clause, one.title) for one in known)
    shown = [(one.severity, one.id, f"{one.title} ({one.clause})") for one in known]
    headings = ("severity", "check", "looks for")
    print_table(Table(columns, rows), as_json=asked.as_json, as_csv=asked.as_csv, headings=headings, shown=shown)


def _tell(identity: str, done: Disposition, *, as_json: bool, as_csv: bool) -> None:
    if as_json:
        print_value({"identity": identity, **done.to_json()})
    elif as_csv:
        columns = ("identity", "decision", "owner", "due", "through", "by", "why", "until", "holds")
        row = (identity, done.decision, done.owner, done.due, done.through, done.by, done.why, done.until, done.holds)
        print_table(Table(columns, (row,)), as_csv=True)
    else:
        click.echo(f"{identity}: {done}")
