"""`python -m dataminer.cli`: what the supervisor starts its parts with."""

from dataminer.cli import main

main()
