"""The command line. Bad input gets one line and exit 2; `list`, `show` and `predict` never load torch."""

from __future__ import annotations

import importlib
import os
import pkgutil
import signal
import sys
import traceback

import click

from lazy_assay.checks.cli import commands
from lazy_assay.checks.vocabulary.text import line
from lazy_assay.theory import CollectionError, InvalidParameterError, UnknownClaimError, UnloadedClaimError

USAGE, INCOMPLETE, MACHINE = 2, 3, 4


class Commands(click.Group):
    """Commands are found in `commands/` and read on first use."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Their names, in order."""
        return sorted(module.name for module in pkgutil.iter_modules(commands.__path__))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of that name, where there is one."""
        if cmd_name not in self.list_commands(ctx):
            return None
        found: click.Command = importlib.import_module(f"{commands.__name__}.{cmd_name}").command
        return found


@click.group(
    cls=Commands,
    no_args_is_help=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.version_option(package_name="lazy-assay", prog_name="assay")
def assay() -> None:
    """Confront claims about over-parameterised networks with simulations.

    Exit codes: 0 all as expected, 1 a status differs, 2 a usage error, 3 undecided or incomplete, 4 the machine failed.
    """


def main() -> None:
    """Entry point: every foreseeable error is one line on stderr, and its exit code."""
    for name in ("SIGTERM", "SIGHUP"):
        # A job that is told to end ends as by Ctrl-C: with a report of what is finished, and how to go on.
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.default_int_handler)
    code = run_command(sys.argv[1:])
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        # Who read our output has stopped: that is no finding. Python would complain again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(code)


def run_command(arguments: list[str]) -> int:
    """Run one command line and return its exit code."""
    from lazy_assay.checks.engine.order import UsageError
    from lazy_assay.checks.ledger import JournalError, LedgerError

    try:
        return int(assay.main(args=arguments, prog_name="assay", standalone_mode=False) or 0)
    except click.UsageError as error:
        where = error.ctx.command_path if error.ctx else "assay"
        return _refuse(f"{error.format_message()} See `{where} --help`.")
    except (click.Abort, KeyboardInterrupt):
        return _refuse("stopped", code=INCOMPLETE)
    except BrokenPipeError:
        return 0
    except JournalError as error:
        return _refuse(str(error), code=MACHINE)
    except click.ClickException as error:
        return _refuse(error.format_message())
    except LedgerError as error:
        return _refuse(str(error), code=MACHINE if error.machine else USAGE)
    except (UsageError, InvalidParameterError) as error:
        return _refuse(str(error))
    except (CollectionError, UnknownClaimError, UnloadedClaimError) as error:
        return _refuse(str(error))
    except (OSError, MemoryError) as error:
        return _refuse(_machine(error), code=MACHINE)
    except Exception:
        # A check that cannot be imported, a broken library: never a finding, so never exit code 1.
        traceback.print_exc()
        return MACHINE


def _refuse(message: str, code: int = USAGE) -> int:
    click.echo("assay: " + line(message), err=True)
    return code


def _machine(error: OSError | MemoryError) -> str:
    """What the machine lacks: room on a disk, a file, memory."""
    if isinstance(error, MemoryError):
        return "the machine failed: out of memory"
    where = f"{error.filename}: " if error.filename else ""
    return f"the machine failed: {where}{error.strerror or error}; what is finished stays: `assay run --resume` goes on"
