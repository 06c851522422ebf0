"""A page of text for a screen: headings, numbered entries, items, and what stands beneath them, in lines that fit."""

from collections.abc import Callable, Iterable, Sequence

from sqlfix.model.findings import Row
from sqlfix.model.plans import Left
from sqlfix.prose.format import View
from sqlfix.prose.report import columns_of, relationship
from sqlfix.text import dots, plural, row_text, shown, shown_name, wrapped

BENEATH = "     "
"""Where the text of a numbered entry begins, and all that belongs to it."""
NARROWEST = 20
"""The columns that a text takes at least, however narrow the screen."""
BOLD, GREEN, CYAN, RESET = "\x1b[1m", "\x1b[32m", "\x1b[36m", "\x1b[0m"


class Page:
    """Lines in the making; ``lines`` are those that are there, each with its line break."""

    def __init__(self, view: View) -> None:
        self.view = view
        self.lines: list[str] = []

    def line(self, text: str = "") -> None:
        """A line as it is, whatever its length: one that is there to be copied."""
        self.lines.append(f"{text}\n")

    def say(self, text: str, first: str = "", rest: str = "", whole: bool = False) -> None:
        """A paragraph; the arguments are those of `sqlfix.text.wrapped`."""
        width = max(self.view.width, NARROWEST)
        self.lines += (f"{line.rstrip(' ')}\n" for line in wrapped(text, width, first, rest, whole))

    def title(self, text: str, colour: str) -> None:
        """What it is all about, as the first line of the page."""
        self.say(text, whole=True)
        self.lines = [f"{self.painted(line[:-1], colour)}\n" for line in self.lines]

    def painted(self, text: str, colour: str) -> str:
        """A text in a colour, where the screen has some."""
        return f"{colour}{text}{RESET}" if self.view.colour else text

    def paint(self, place: int, word: str, colour: str) -> None:
        """Give the first word of a line, by its place among the lines, a colour."""
        self.lines[place] = self.lines[place].replace(word, self.painted(word, colour), 1)

    def taken(self) -> list[str]:
        """The lines so far, which are the page's no longer: of a page that is written as it comes."""
        lines, self.lines = self.lines, []
        return lines

    def heading(self, text: str) -> None:
        """A heading, after an empty line."""
        self.line()
        self.say(text)

    def item(self, text: str) -> None:
        """One of several things beneath a heading."""
        self.say(text, "  ", "    ")

    def items(self, heading: str, texts: Iterable[str]) -> None:
        """Several things with their heading; nothing where there are none."""
        for place, text in enumerate(texts):
            if not place:
                self.heading(heading)
            self.item(text)

    def numbered(self, place: int, text: str) -> None:
        """An entry of a numbered list."""
        self.say(text, f"{place:>3}. ", BENEATH)

    def beneath(self, text: str, word: str = "") -> None:
        """What belongs to a numbered entry; after a ``word`` that says what it is, its lines are set in further."""
        self.say(f"{word}: {text}" if word else text, BENEATH, f"{BENEATH}  " if word else BENEATH)

    def hint(self, text: str, indent: str = "  ") -> None:
        """What to do about what stands above."""
        place = len(self.lines)
        self.say(f"hint: {self.shown(text)}", indent, f"{indent}  ")
        self.paint(place, "hint:", CYAN)

    def left(self, left: Sequence[Left]) -> None:
        """What a plan leaves as it is, each with its reason and what to do about it."""
        if left:
            self.heading("Left unchanged:")
        for part in left:
            rows, link = plural(part.count, "row"), relationship(part.subject, self.view.unicode)
            self.item(f"{part.check} in {link}{f', {rows}' if part.count else ''}: {self.shown(part.reason)}")
            if part.hint is not None:
                self.hint(part.hint, "    ")

    def notes(self, notes: Sequence[str]) -> None:
        """What else is to be known."""
        for note in notes:
            self.say(f"note: {self.shown(note)}")

    # -- words ------------------------------------------------------------------------------------------------------

    def shown(self, text: str) -> str:
        """A text without what a terminal would act upon."""
        return shown(text, self.view.unicode)

    def name(self, name: str) -> str:
        """The name of a table or a column."""
        return shown_name(name, self.view.unicode)

    def place(self, table: str, columns: tuple[str, ...]) -> str:
        """The place of columns: ``orders.customer_id``."""
        return columns_of(table, columns, self.view.unicode)

    def rows(self, sample: Sequence[Row], count: int, text: Callable[[Row, bool], str] = row_text) -> str:
        """The rows of a sample, and an ellipsis where they are not all of ``count``."""
        more = f", {dots(self.view.unicode)}" if count > len(sample) else ""
        return "; ".join(text(row, self.view.unicode) for row in sample) + more
