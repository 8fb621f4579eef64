"""Macros: several actions at once, looked at before they are done, and taken back by one undo."""
