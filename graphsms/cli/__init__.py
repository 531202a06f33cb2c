"""The command line: a thin face over the analyses. Commands are imported when they are called.

Exit codes: 0 fine, 1 ran and found something (``validate``), 2 could not run.
"""

from __future__ import annotations

import os
import sys
from typing import Final

import click

from graphsms.cli._lazy import LazyGroup
from graphsms.errors import GraphSmsError, RejectedError
from graphsms.version import __version__

__all__ = ["app", "main"]

# Command → module under graphsms.cli; in the order of `graphsms --help`.
_COMMANDS: Final = {
    "init": "init",
    "fetch": "fetch",
    "ingest": "ingest",
    "mapping": "mapping",
    "apply": "apply",
    "sources": "sources",
    "find": "find",
    "show": "show",
    "impact": "impact",
    "explain": "explain",
    "validate": "validate",
    "change": "change",
    "pack": "pack",
    "findings": "findings",
    "completeness": "completeness",
    "expiring": "expiring",
    "allowance": "allowance",
    "reconcile": "reconcile",
    "verify": "verify",
    "attest": "attest",
    "clauses": "obligations.clauses",
    "evidence": "obligations.evidence",
    "gaps": "obligations.gaps",
    "documents": "obligations.documents",
    "worksheet": "obligations.worksheet",
    "readiness": "obligations.readiness",
    "assess": "obligations.assess",
    "kpi": "obligations.kpi",
    "oscal": "obligations.oscal",
    "sample": "obligations.sample",
    "audit": "obligations.audit",
    "review": "obligations.review",
    "log": "log",
    "history": "history",
    "diff": "diff",
    "baseline": "baseline",
    "revert": "revert",
    "verify-journal": "verify_journal",
    "export": "export",
    "query": "query",
    "demo": "demo",
}


class _App(LazyGroup):
    """All commands. That the reader of the output has gone is no error: see `main`; click would call it a finding."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            _let_go()
            ctx.exit(0)


@click.group(
    cls=_App,
    modules={name: f"graphsms.cli.{module}" for name, module in _COMMANDS.items()},
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Begin with `graphsms demo`, or with `graphsms ingest FILE` and `graphsms impact ID`.",
)
@click.option("--store", metavar="URL", help="Where the graph is; also $GRAPHSMS_STORE. [default: graphsms.db]")
@click.option("--ontology", metavar="FILE", multiple=True, help="A Turtle file of your own beside our ontology.")
@click.version_option(__version__, message="graphsms %(version)s")
@click.pass_context
def app(ctx: click.Context, store: str | None, ontology: tuple[str, ...]) -> None:
    """A knowledge graph of services, configuration items and obligations, for service management by ISO/IEC 20000-1."""
    ctx.obj = {"store": store, "ontology": ontology}


def main() -> None:
    """Run the command line and leave with its exit code; a user never sees a traceback for bad input."""
    try:
        code = app.main(standalone_mode=False)
    except click.exceptions.Abort:
        _say("Stopped; nothing was changed.")
        code = 130
    except click.ClickException as error:
        error.show()
        code = 2
    except click.exceptions.Exit as error:
        code = error.exit_code
    except RejectedError as error:
        for fault in error.faults:
            click.echo(str(fault), err=True)
        _say(_without_first(error))
        code = 2
    except GraphSmsError as error:
        _say(str(error))
        code = 2
    except BrokenPipeError:
        _let_go()
        code = 0
    sys.exit(code if isinstance(code, int) else 0)


def _let_go() -> None:
    """The reader of our output has gone (`| head`): that is not an error, and there is nobody to tell."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _without_first(error: RejectedError) -> str:
    """What the error says beside its first fault, which stands above already."""
    first = str(error.faults[0]) if error.faults else ""
    message = str(error).replace(f", the first being {first}", ".")
    return "Nothing was changed." if first and message.startswith(first) else message


def _say(message: str) -> None:
    click.echo(f"graphsms: {message}", err=True)
