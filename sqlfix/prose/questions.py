"""A question about what a repair does with the rows of one finding, and the answers that there are."""

from collections.abc import Iterator

from sqlfix.model.values import Loss
from sqlfix.plan.policy import FIX_NAMES
from sqlfix.plan.questions import KEEP, USUAL, Offer, Question
from sqlfix.prose.format import View
from sqlfix.prose.lists import summary_of_fix
from sqlfix.prose.page import BOLD, Page
from sqlfix.prose.report import proposed, relationship
from sqlfix.scan.check import CHECKS
from sqlfix.text import plural, row_text, shown

HELP = (
    ("2, or keep", "take the answer of this number, or of this name"),
    ("Enter", "take the answer that is marked"),
    ("a, or 2a", "the marked answer, or answer 2, also for all later questions that are like this one"),
    ("b", "back to the question before"),
    ("d", "done: for the rest take what is marked; then the plan is shown"),
    ("q, Ctrl-C", "quit; nothing is changed"),
    ("?", "this help"),
)
NOTHING_YET = "Nothing is written before you have seen the plan and agreed to it."


def question(asked: Question, place: tuple[int, int], marked: int, view: View) -> Iterator[str]:
    """A question: what was found, some of the rows, and the answers, of which one is marked.

    Args:
        place: the number of the question, and how many there are.
    """
    page, (number, all_of_them) = Page(view), place
    yield "\n"
    link = relationship(asked.findings[0].subject, view.unicode)
    page.title(f"({number} of {all_of_them}) {link}", BOLD)
    for finding in asked.findings:
        page.item(page.shown(CHECKS[finding.check].message(finding)))
    if asked.on_delete:
        page.item(_schema_says(asked))
    for row, parents in asked.near:
        page.item(f"row {row_text(row, view.unicode)} nearly matches {page.rows(parents, 0)}")
    near = {row for row, _ in asked.near}
    for row in asked.sample:
        if row not in near:
            page.item(f"row {row_text(row, view.unicode)}")
    for at, offer in enumerate(asked.offers):
        mark = ">" if at == marked else " "
        page.say(_answer(asked, offer, view), f"{mark} {at + 1}. ", "     ")
    yield from page.lines


def _schema_says(asked: Question) -> str:
    if asked.on_delete not in ("NO ACTION", "RESTRICT"):
        return f"the schema says ON DELETE {asked.on_delete}"
    return "a link row needs both ends" if asked.link else "the schema does not say what to do with such rows"


def _answer(asked: Question, offer: Offer, view: View) -> str:
    if offer.word == USUAL:
        fixes = (proposed(f) or (f.mend.fix if f.mend else "left") for f in asked.findings)
        usual = ", ".join(fixes).split(", ")
        return f"as usual: {', '.join(dict.fromkeys(usual))}. {_loss(asked, offer)}"
    if offer.word == KEEP:
        return "keep: Leave the rows as they are. They stay at fault."
    near = f" Also the {asked.known:,} that match a parent." if asked.known and offer.word in FIX_NAMES else ""
    return shown(f"{offer.fix}: {summary_of_fix(offer.fix or '')}{near} {_loss(asked, offer)}", view.unicode)


def _loss(asked: Question, offer: Offer) -> str:
    rows = asked.rows - (asked.known if offer.word == USUAL else 0)
    if offer.loss is Loss.NOTHING:
        return "Loses nothing."
    if offer.loss is Loss.ROWS and asked.referenced:
        return f"Loses {plural(rows, 'row')}. Rows that reference them are repaired, too."
    return f"Loses {plural(rows, 'row' if offer.loss is Loss.ROWS else 'value')}."


def help_page(view: View) -> Iterator[str]:
    """What can be typed."""
    page = Page(view)
    width = max(len(key) for key, _ in HELP)
    for key, what in HELP:
        page.say(what, f"  {key:<{width}}  ", " " * (width + 4))
    page.say(NOTHING_YET, "  ", "  ")
    yield from page.lines
