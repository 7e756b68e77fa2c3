"""Start the service, or with `report` print the day's numbers: `python -m newsroom [report]`."""

import asyncio
import logging
import sys

from newsroom.app import serve
from newsroom.reports import daily_report
from newsroom.settings import Settings
from newsroom.storage import ArticleStore


def main() -> None:
    logging.basicConfig(level=logging.INFO)
    settings = Settings.load()
    if sys.argv[1:] == ["report"]:
        print(daily_report(ArticleStore(settings.database)))
    else:
        asyncio.run(serve(settings))


if __name__ == "__main__":
    main()
