"""``python -m flows.cli``: the same as ``nextclose``."""

from flows.cli.main import main

main()
