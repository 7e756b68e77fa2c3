"""`python -m flake8_asyncio` is `flake8-asyncio`."""

import sys

from flake8_asyncio.command import main

if __name__ == "__main__":
    sys.exit(main())
