"""The `almanac` command: thin. It reads options, calls, prints, and tells what went wrong in one line and an exit code.

Commands stand in modules by what they are about; imports that cost time stand inside the commands that need them.
"""

from __future__ import annotations

import atexit
import contextlib
import datetime as dt
import os
import signal
import sys
from typing import Any, NoReturn

import click

from pipelines.cli.care import doctor
from pipelines.cli.contracts import contracts
from pipelines.cli.demo import demo
from pipelines.cli.explain import explain
from pipelines.cli.grade import grade
from pipelines.cli.new import new
from pipelines.cli.options import EXIT_BY_ERROR, EXIT_OTHER, EXIT_USAGE, STOPPED, fail, known_home
from pipelines.cli.prune import prune
from pipelines.cli.published import freshness, report, rollback, versions
from pipelines.cli.quarantine import quarantine
from pipelines.cli.replay import verify_replay
from pipelines.cli.runs import backfill, refresh, serve
from pipelines.cli.shops import init
from pipelines.cli.simulate import simulate
from pipelines.terminal import QUERY_STOPPED, explained, one_line


class _Commands(click.Group):
    """All commands; one that is stopped says so in one line (click would write an empty one before it)."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            fail(STOPPED, EXIT_OTHER)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="almanac-analytics", message="almanac %(version)s")
def almanac() -> None:
    """The daily refresh of a shop's analytics: raw drops in, bad rows out, one published version of clean marts.

    Exit codes: 0 ok, 2 wrong usage, 3 data blocked or incomplete, 4 another writer, 1 anything else.
    """


for command in (
    init,
    new,
    demo,
    refresh,
    backfill,
    versions,
    rollback,
    freshness,
    report,
    grade,
    explain,
    quarantine,
    verify_replay,
    doctor,
    prune,
    serve,
    contracts,
    simulate,
):
    almanac.add_command(command)


def _crash_log(error: BaseException) -> str:
    """Write the traceback into the home's logs (before there is a home, into a temporary file); returns where."""
    import tempfile
    import traceback

    text = "".join(traceback.format_exception(error))
    for folder in [home / "logs" for home in known_home]:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            file = folder / f"crash-{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%S}-{os.getpid()}.log"
            file.write_text(text)
        except OSError:
            continue
        return str(file)
    try:
        with tempfile.NamedTemporaryFile("w", prefix="almanac-", suffix=".log", delete=False) as log:
            log.write(text)
    except OSError:
        return "no log could be written"
    return log.name


def program() -> NoReturn:
    """Entry point of the `almanac` command: `main`, and out, without taking the interpreter apart.

    Taking apart costs up to a second after a run, and DuckDB's bindings then list on stderr what libraries still hold.
    """
    code: Any = EXIT_OTHER
    # What a scheduler sends ends a command as Ctrl-C does: in one line, with nothing left lying about.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        main()
    except SystemExit as ended:
        code = ended.code
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):
            stream.flush()
    atexit._run_exitfuncs()
    os._exit(code if isinstance(code, int) else 0 if code is None else EXIT_OTHER)


def main() -> None:
    """Carry out the command of `sys.argv`: whatever happens, a person sees one line, and the details lie in a file."""
    try:
        sys.exit(almanac.main(standalone_mode=False) or 0)
    except click.exceptions.NoArgsIsHelpError as error:
        error.show()
        sys.exit(EXIT_USAGE)
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "almanac"
        fail(f"{error.format_message()} (see {command} --help)", EXIT_USAGE)
    except click.ClickException as error:
        fail(error.format_message(), error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        fail(STOPPED, EXIT_OTHER)
    except BrokenPipeError:
        # Whoever read our output has left; Python would complain once more while it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(EXIT_OTHER)
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        fail(f"{explained(f'{place}{error.strerror or error}')} (details in {_crash_log(error)})", EXIT_OTHER)
    except Exception as error:
        if QUERY_STOPPED in str(error):
            fail(STOPPED, EXIT_OTHER)
        name, module = type(error).__name__, type(error).__module__
        if module.startswith(("pipelines.", "simulator.")):  # our own errors say what, where and what to do
            fail(str(error), EXIT_BY_ERROR.get(name, EXIT_OTHER))
        message = explained(f"unexpected {name}: {one_line(str(error), 300) or 'no reason given'}")
        fail(f"{message} (details in {_crash_log(error)})", EXIT_OTHER)
