"""What a call of `argo-proxy` runs, and its exit code: 0 good, 1 failure, 2 bad input, 130 interrupted."""

import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from io import StringIO

from argo_proxy.cli.commands import Command, Completion, Demo, Doctor, Launch, Models
from argo_proxy.cli.parser import Options, parse
from argo_proxy.cli.terminal import Unwritten, complain, flush, prepare_streams, silence, tell


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line `argv`, by default that of the process, and return the exit code."""
    prepare_streams()
    try:
        code = exit_code(sys.argv[1:] if argv is None else argv)
        flush()
    except KeyboardInterrupt:
        return 130
    except (BrokenPipeError, Unwritten) as error:
        if isinstance(error, Unwritten):
            complain(f"error: {error}")
        silence(sys.stdout)
        return 1
    return code


def exit_code(argv: Sequence[str]) -> int:
    try:
        return run(argv)
    except SystemExit as stop:  # argparse has printed help, the version, or a complaint
        return stop.code if isinstance(stop.code, int) else 0


def parsed(argv: Sequence[str]) -> Options | Command:
    """argparse is silent about help that it cannot print."""
    said = StringIO()
    try:
        with redirect_stdout(said):
            return parse(argv)
    finally:
        if text := said.getvalue():
            tell(text.removesuffix("\n"))


def run(argv: Sequence[str]) -> int:  # each import is made for its command alone: the help must not wait for them
    match parsed(argv):
        case Demo():
            from argo_proxy.cli.demo import run as run_demo

            return run_demo()
        case Models() as models:
            from argo_proxy.cli.models import show_models

            return show_models(models)
        case Doctor() as doctor:
            from argo_proxy.cli.doctor import examine

            return examine(doctor)
        case Launch() as launch:
            from argo_proxy.cli.launch import launch_agent

            return launch_agent(launch)
        case Completion(shell):
            from argo_proxy.cli.completion import print_script

            return print_script(shell)
        case Options() as options:
            from argo_proxy.cli.serve import serve

            return serve(options)
