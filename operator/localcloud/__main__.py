"""`python -m localcloud`: the same as the command."""

from localcloud.cli import main

main()
