"""The command line: parse, call one workflow, print, exit. A file for each command, loaded when called."""

from __future__ import annotations

import importlib

import click

from paribus import __version__
from paribus.cli.boundary import Unread, guarded
from paribus.core.errors import Exit

COMMANDS = {
    "init": "Write paribus.yaml for an existing DVC project.",
    "check": "Does a revision change exactly one thing?",
    "run": "Measure one change against the baseline until a verdict stands.",
    "baseline": "Show, measure or declare what is to be beaten.",
    "noise": "Where the spread of the baseline comes from, and what pairs can show.",
    "status": "Where the project stands, and what to do next.",
    "compare": "Metrics and params of any revisions against one baseline.",
    "review": "For a pull request: check, evidence and gate in one comment.",
    "log": "Every experiment, the dead ends too.",
    "show": "One experiment in full.",
    "report": "The whole notebook as one HTML page.",
    "verify": "Make a recorded run again without caches, and compare.",
    "logs": "What a run printed, and goes on to print.",
    "retry": "Make runs again that were killed, cancelled or timed out.",
    "branch": "Make a branch of an experiment: its change, its results, one commit.",
    "adopt": "Try one change of a colleague's line on your own baseline.",
    "promote": "Confirm an experiment with fresh seeds, and make it the next baseline.",
    "split": "Several changes at once: measure each alone, and all together.",
    "doctor": "Find what is broken, say what mends it, repair it on request.",
    "sync": "Share ledger, baselines and results with a remote.",
    "hook": "What Git's hooks call, before a commit and before a push is taken.",
}


class LazyGroup(click.Group):
    """Imports a command when it is called, so that each starts as fast as what it needs."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The commands in the order of a day's work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name, or None."""
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"paribus.cli.{cmd_name}")
        command: click.Command = getattr(module, cmd_name)
        return command

    def invoke(self, ctx: click.Context) -> object:
        """Runs the command."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise Unread from error

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Lists the commands without importing any of them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Example:  paribus run -S train.lr=0.01 -m 'a smaller step settles lower'",
)
@click.version_option(__version__, prog_name="paribus")
@click.pass_context
def paribus(context: click.Context) -> int:
    """Controlled machine-learning experiments on Git and DVC: one change against a baseline,
    repeated until effect and noise can be told apart, an honest verdict, a record in Git."""
    if context.invoked_subcommand is None:
        click.echo(context.get_help(), err=True)
    return Exit.BAD_INPUT


def main() -> None:
    """The console script."""
    guarded(paribus)
