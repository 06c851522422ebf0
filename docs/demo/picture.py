"""Draw what a terminal shows: run `sqlfix scan` on the shop's database, and write the screen as an SVG.

Usage: python docs/demo/picture.py [FILE], by default docs/demo/scan.svg
"""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from xml.sax.saxutils import escape

HERE = Path(__file__).parent
COMMAND = ("scan", "shop.sqlite3")
COLUMNS, MOST_LINES = 80, 40
WIDE, HIGH, EDGE = 8.43, 19, 16
"""Pixels of a character, of a line, and of the margin."""
COLOURS = {"31": "#ff7b72", "32": "#7ee787", "33": "#e3b341", "36": "#79c0ff"}
"""What the colours of a terminal look like on a dark screen, by their codes."""


def screen(folder: Path) -> str:
    """What the command shows on a terminal of 80 columns, with the codes for its colours."""
    subprocess.run([sys.executable, str(HERE / "build.py"), COMMAND[-1]], cwd=folder, check=True)
    ours, theirs = pty.openpty()
    env = {**os.environ, "PYTHONPATH": str(HERE.parents[1]), "COLUMNS": str(COLUMNS), "TERM": "xterm"}
    env |= {"PYTHONIOENCODING": "utf-8"}
    env.pop("NO_COLOR", None)
    words = [sys.executable, "-m", "sqlfix", *COMMAND]
    with subprocess.Popen(words, cwd=folder, stdout=theirs, stderr=subprocess.DEVNULL, env=env) as process:
        os.close(theirs)
        shown = b""
        while piece := _read(ours):
            shown += piece
        process.wait()
    os.close(ours)
    return shown.decode().replace("\r\n", "\n")


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # so Linux says that nobody writes any more
        return b""


def drawn(text: str) -> str:
    """A screen as SVG: one text element to a line, a span to each colour."""
    lines = [f"$ sqlfix {' '.join(COMMAND)}", *text.rstrip("\n").split("\n")][:MOST_LINES]
    width, height = round(COLUMNS * WIDE + 2 * EDGE), len(lines) * HIGH + 2 * EDGE
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        ' role="img" aria-label="sqlfix scan shop.sqlite3, in a terminal">'
    )
    style = "font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; white-space: pre; fill: #e6edf3"
    body = [
        f'<text xml:space="preserve" x="{EDGE}" y="{EDGE + HIGH * (number + 0.75):g}">{_spans(line)}</text>'
        for number, line in enumerate(lines)
        if line
    ]
    ground = f'<rect width="{width}" height="{height}" rx="8" fill="#0d1117"/>'
    return "\n".join([head, f"<style>text {{ {style} }}</style>", ground, *body, "</svg>", ""])


def _spans(line: str) -> str:
    pieces, spans, colour, bold = re.split(r"\x1b\[([\d;]*)m", line), [], None, False
    for place, piece in enumerate(pieces):
        if place % 2:  # the codes between two pieces of text
            for code in piece.split(";"):
                colour = COLOURS.get(code, None if code in ("", "0", "39") else colour)
                bold = code == "1" or (bold and code not in ("", "0", "22"))
        elif piece:
            marks = [f' fill="{colour}"'] if colour else []
            marks += [' font-weight="bold"'] if bold else []
            spans.append(f"<tspan{''.join(marks)}>{escape(piece)}</tspan>" if marks else escape(piece))
    return "".join(spans)


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "scan.svg"
    with tempfile.TemporaryDirectory() as folder:
        target.write_text(drawn(screen(Path(folder))), encoding="utf-8")
