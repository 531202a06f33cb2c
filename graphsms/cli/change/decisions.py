"""``graphsms change decisions``: see `graphsms.cli.change.decide`."""

from graphsms.cli.change.decide import decisions as command

__all__ = ["command"]
