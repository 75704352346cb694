"""`python -m cli`: the command line, as the launcher and the stack's processes start it."""

from cli.main import main

if __name__ == "__main__":
    main()
