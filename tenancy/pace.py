"""How many rows a workspace may have worked on before it is another's turn: as many as take a moment here."""

TURN = 0.25  # seconds
LEAST = 10  # rows: what a batch costs whatever its size is not to be paid for each row


class Pace:
    """How long a row of one lane takes in this process, smoothed.

    How many rows fit into a turn depends on what they are and on how busy the machine is, so it is measured.
    """

    def __init__(self, turn: float = TURN) -> None:
        self.turn = turn
        self._row = 0.0  # seconds; 0 before the first is known

    def room(self, most: int) -> int:
        """How many rows to take, `most` of them at most."""
        if not self._row:
            return most
        return int(min(most, max(LEAST, self.turn / self._row)))

    def note(self, rows: int, took: float) -> None:
        """Learn from so many rows that took so many seconds."""
        if rows:
            row = took / rows
            self._row = (self._row + row) / 2 if self._row else row
