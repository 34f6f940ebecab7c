"""Compiles modules with mypyc: `python publishing/compiling.py build/cpython-311 src/argo_proxy/tokens.py ..`.

The libraries come to lie in `lib` of that folder, as they belong into the wheel. All modules are one library, so that
they call each other directly, and each has a small one beside it that is found in its place. C files are compiled side
by side; what has not changed since the last time is kept.
"""

from __future__ import annotations

import os
import shutil
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from mypyc.build import mypycify
from setuptools import Distribution, Extension
from setuptools.command.build_ext import build_ext

NAME = "argo_proxy"
MYPY = (
    "--ignore-missing-imports",
    "--follow-imports=silent",
    "--disable-error-code=unused-coroutine",
    "--disable-error-code=assignment",
    "--disable-error-code=no-any-return",
)
"""basedpyright judges the types. mypy reads them, too, and sees some things differently."""
LEVEL = "1"
"""Of the C compiler. At 2 it takes a third longer, for 2 % fewer instructions of a chat."""
CORES = os.cpu_count() or 1
PROBE = "#include <Python.h>\nPyMODINIT_FUNC PyInit_probe(void) { return NULL; }\n"


class SideBySide(build_ext):
    """Compiles on all cores, and only what is newer than what came of it."""

    def build_extension(self, ext: Extension) -> None:
        with ThreadPoolExecutor(CORES) as pool:
            ext.extra_objects = [*pool.map(partial(self.object_of, ext), ext.sources)]
        ext.sources = []
        super().build_extension(ext)

    def object_of(self, ext: Extension, source: str) -> str:
        [path] = self.compiler.object_filenames([source], output_dir=self.build_temp)
        if not is_newer(path, [source, *ext.depends]):
            folders, flags = ext.include_dirs, ext.extra_compile_args
            self.compiler.compile([source], self.build_temp, include_dirs=folders, extra_postargs=flags)
        return path


def is_newer(path: str, than: list[str]) -> bool:
    made = Path(path)
    return made.exists() and all(made.stat().st_mtime > Path(other).stat().st_mtime for other in than)


def build(extensions: list[Extension], folder: str) -> None:
    command = SideBySide(Distribution({"ext_modules": extensions}))
    command.build_lib, command.build_temp, command.parallel = f"{folder}/lib", f"{folder}/objects", CORES
    command.ensure_finalized()
    command.run()


def try_the_compiler() -> None:
    """Before mypy takes its time: fails where a C compiler or the headers of Python are missing."""
    with TemporaryDirectory() as folder:
        source = Path(folder, "probe.c")
        source.write_text(PROBE, encoding="utf-8")
        build([Extension("probe", [str(source)])], folder)


def main(folder: str, *modules: str) -> None:
    try_the_compiler()
    shutil.rmtree(f"{folder}/lib", ignore_errors=True)
    to_c = partial(mypycify, opt_level=LEVEL, debug_level="0", multi_file=True, group_name=NAME)
    build(to_c([*MYPY, *modules], target_dir=f"{folder}/c"), folder)


if __name__ == "__main__":
    main(*sys.argv[1:])
