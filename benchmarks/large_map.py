"""Serves the app with one map alone, for a browser to look at: `python -m benchmarks.large_map TABLE`."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from fer_demo.data.embedding_table import open_embedding_table
from fer_demo.interface.context import AppContext
from fer_demo.interface.demo import build_demo, launch_options
from fer_demo.settings import from_environment


def main() -> None:
    """Launch at the port that GRADIO_SERVER_PORT names."""
    table = open_embedding_table(Path(sys.argv[1]))
    context = replace(AppContext.create(from_environment()), maps={table.info.model: table})
    build_demo(context).launch(**launch_options(context))


if __name__ == "__main__":
    main()
