"""`python -m argo_proxy` and the console script."""

import sys

from argo_proxy.cli.command import main

if __name__ == "__main__":
    sys.exit(main())
