"""The picture of the proxy's own page, in a real browser: Debian's Chromium, or whatever goes by one of its names."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from publishing.pictures import FOLDER, configure, environment, gateway

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
SIZE = "900,700"
DEADLINE_S = 60


def browser() -> str | None:
    """The command of a browser, if there is one."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def photograph(command: str, to: Path) -> None:
    """Write the picture of `GET /`, as the browser shows it, to this PNG file."""
    with TemporaryDirectory(dir="/tmp") as home, gateway(Path(home)) as port:
        configure(Path(home))
        environ = environment(home, f"127.0.0.1:{port}")
        proxy = [sys.executable, "-m", "argo_proxy", "--port", "0"]
        with subprocess.Popen(proxy, env=environ, stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr is not None
            served = next(line for line in process.stderr if "serves http" in line)
            address = served.partition("serves ")[2].partition("/v1")[0]
            options = ["--headless", "--no-sandbox", "--hide-scrollbars", f"--window-size={SIZE}", f"--screenshot={to}"]
            subprocess.run([command, *options, address], check=True, capture_output=True, timeout=DEADLINE_S)
            process.terminate()


def main() -> None:
    """Leaves the picture that there is where no browser is."""
    command = browser()
    if command is None:
        sys.stderr.write("no Chromium here: the picture of the page stays as it is\n")
    else:
        photograph(command, FOLDER / "page.png")


if __name__ == "__main__":
    main()
