"""`argo-proxy [config]`: find the file or make one, resolve the settings, warn, then serve, or do what a flag says."""

import dataclasses
import logging
import sys
from typing import Literal, TextIO

from argo_proxy.cli import configuration, first_start
from argo_proxy.cli.configuration import origin, tell_problems, warn
from argo_proxy.cli.exposure import exposures
from argo_proxy.cli.parser import Options
from argo_proxy.cli.ports import taken
from argo_proxy.cli.terminal import complain, tell, write
from argo_proxy.cli.wizard import EndOfInput, choose_port, screen
from argo_proxy.listener import ListenError
from argo_proxy.settings import Resolved, Search, Settings, SettingsError, as_yaml
from argo_proxy.settings.writing import Unwritable

FAILURE, BAD_CONFIGURATION = 1, 2


def serve(options: Options) -> int:
    """The exit code: 2 for a bad configuration, 1 when something else fails."""
    search = configuration.find(options)
    try:
        return serve_found(options, search)
    except SettingsError as error:
        tell_problems(error, search)
        return BAD_CONFIGURATION
    except (EndOfInput, Unwritable, ListenError) as error:
        complain(f"error: {error}")
        return FAILURE


def serve_found(options: Options, search: Search) -> int:
    if options.version:
        from argo_proxy.cli.version import tell_version

        return tell_version(search)
    if options.edit:
        from argo_proxy.cli.editor import edit

        warn(search.warnings)
        return edit(options, search)
    try:
        found = configuration.resolved(options, search)
    except SettingsError as error:
        warn(search.warnings)
        return serve_first(options, search, error)
    return act(options, search, found._replace(warnings=(*search.warnings, *found.warnings)))


def serve_first(options: Options, search: Search, error: SettingsError) -> int:
    """With a terminal, a missing file is made, or one without a user completed, and served; all other problems, and no
    for an answer, stay problems.
    """
    if not first_start.is_due(error):
        raise error
    configuration.check_ownership(search, error)
    terminal = screen()
    if terminal is None or options.validate:
        raise error
    make, complete = first_start.make_file, first_start.complete_file
    path = complete(terminal, search.path) if search.path else make(terminal, options)
    if path is None:
        raise error
    made = Search(path, search.places)
    found = configuration.resolved(options, made)
    if not first_start.is_fit(terminal, found.settings):
        return FAILURE
    first_start.show(terminal, found.settings)
    return act(options, made, found)


def act(options: Options, search: Search, found: Resolved) -> int:
    settings = found.settings
    warn_in_form(settings, found.warnings, "human" if options.validate else settings.log_format)
    if options.show:
        tell(f"# {origin(search)}\n{as_yaml(settings)}".rstrip())
    if options.validate:
        return validate(options, search, settings)
    from argo_proxy.app import run

    return run(with_free_port(settings, screen()), lambda: reread(options, search))


def warn_in_form(settings: Settings, warnings: tuple[str, ...], form: Literal["human", "json"]) -> None:
    """In the form of the log that follows, and last, in loud lines, what lets others in."""
    loud = exposures(settings)
    if form == "human":
        warn(warnings)
        for line in loud:
            complain(line)
        return
    from argo_proxy.telemetry.request_log import LOGGER, set_up_logging

    set_up_logging(verbose=settings.verbose, log_format=form)
    for line in (*warnings, *loud):
        logging.getLogger(LOGGER).warning("%s", line)


def reread(options: Options, search: Search) -> Resolved:
    """For a change while it serves. Raises SettingsError."""
    settings, warnings = configuration.resolved(options, search)
    return Resolved(settings, (*warnings, *exposures(settings)))


def validate(options: Options, search: Search, settings: Settings) -> int:
    """The values are good by now; what is left is whether ARGO can be reached."""
    from argo_proxy.cli.reach import is_reached

    if not (settings.skip_url_validation or is_reached(settings, sys.stderr)):
        complain(f"error: {origin(search)}: the values are good, but not all of ARGO can be reached")
        return BAD_CONFIGURATION
    tell(f"{'# ' if options.show else ''}{origin(search)} is valid")
    return 0


def with_free_port(settings: Settings, terminal: TextIO | None) -> Settings:
    """Instead of a busy port another one, if somebody is there to choose it; the file stays as it is."""
    if terminal is None or settings.socket or not (problem := taken(settings.host, settings.port)):
        return settings
    write(terminal, f"{problem}\nIt is left alone; another port would be for this time only (Ctrl-C leaves).")
    return dataclasses.replace(settings, port=choose_port(terminal, settings.host))
