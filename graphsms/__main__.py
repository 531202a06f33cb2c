"""``python -m graphsms``: the command line."""

from graphsms.cli import main

if __name__ == "__main__":
    main()
