from __future__ import annotations

import subprocess
import sys


def test_importing_the_app_does_no_input_or_output() -> None:
    """No file is opened that is no module, no socket is made, no name is looked up."""
    code = """
import sys
seen = []
parts_of_modules = (".py", ".pyc", ".so", ".pth", ".pyd", ".txt", "PKG-INFO", "METADATA")
def hook(event, args):
    if event.startswith(("socket.", "subprocess.", "os.system")):
        seen.append((event, args))
    if event == "open" and not str(args[0]).endswith(parts_of_modules):
        seen.append((event, args[0]))
sys.addaudithook(hook)
import argo_proxy.app
print(seen)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "[]\n", done.stdout


def test_what_only_some_calls_need_is_not_loaded_with_the_app() -> None:
    code = (
        "import sys, argo_proxy.app; print(*sorted({'tiktoken', 'truststore', 'ruamel', 'openai'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "\n"
