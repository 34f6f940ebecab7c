from pathlib import Path

import pytest

import argo_proxy

SOURCES = Path(__file__).parent.parent / "src" / "argo_proxy"
OUTDATED = (
    "the program in {} is not of the sources in src/: `make .venv` installs it anew, "
    "and `PYTHONPATH=src python -m pytest ..` tests the sources themselves, not compiled"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-cases", action="store_true", help="rewrite what the proxy says in tests/cases")


def pytest_configure() -> None:
    """What is tested is what is to be read."""
    tested = Path(argo_proxy.__file__).parent
    if tested != SOURCES and modules_of(tested) != modules_of(SOURCES):
        raise pytest.UsageError(OUTDATED.format(tested))


def modules_of(package: Path) -> dict[str, bytes]:
    return {str(path.relative_to(package)): path.read_bytes() for path in package.rglob("*.py")}
