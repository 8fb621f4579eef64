"""The demo workspaces: three stories, and days of believable traffic around them."""

from omnidesk.demo.filling import fill

__all__ = ["fill"]
