"""A picture: DOT text, and the ways to show and to save it."""

import hashlib
import os
import re
from pathlib import Path

from minigrad.draw import engines
from minigrad.files import PICTURES, check_place, write_whole

UNSEEN = re.compile(r'<text [^>]*fill-opacity="0\.0039\d*"[^>]*>.*?</text>\n')       # 1/255: what has not arrived


class Drawing:
    """A picture of a graph.  `source` is its DOT text; nothing is rendered before svg(), save() or a notebook asks."""

    def __init__(self, source: str):
        self.source = source

    def svg(self, unseen=False) -> str:
        """The picture as SVG.  Raises DrawingError if there is no engine, or it fails.

        unseen: with the texts that have not arrived, each at its place and too pale to be seen
        """
        svg = engines.render(self.source, "svg").decode()
        svg = svg if unseen else UNSEEN.sub("", svg)
        return svg.replace("<svg ", '<svg style="max-width:100%;height:auto" ', 1)     # fit the window it is opened in

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Writes .svg, .png, .pdf or .gv (the DOT text), whole or not at all, and gives the path.

        Raises ValueError for another suffix, FileNotFoundError for a missing directory, DrawingError if no engine
        draws it; then nothing is written.
        """
        path = Path(path)
        form = path.suffix.lower().lstrip(".")
        if form not in PICTURES:
            raise ValueError(f"cannot save a picture as {path.name!r}: the name must end in .svg, .png, .pdf or .gv")
        check_place(path)
        if form == "gv":
            content = self.source.encode()
        else:
            content = self.svg().encode() if form == "svg" else engines.render(self.source, form)
        write_whole(path, content)
        return path

    def save_and_say(self, path: str | os.PathLike[str]) -> str:
        """Saves the picture, and gives the line that says where; if no engine draws it, its DOT text."""
        try:
            return f"picture: {self.save(path)}"
        except engines.DrawingError as error:
            return f"picture: not drawn, because {error}\nits DOT text: {self.save(Path(path).with_suffix('.gv'))}"

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """For notebooks: the SVG, or without an engine the text that says what to install"""
        try:
            return {"image/svg+xml": self.unique_ids(self.svg()), "text/plain": repr(self)}
        except engines.DrawingError as error:
            return {"text/plain": f"{self!r}: {error}"}

    def unique_ids(self, svg: str) -> str:
        """The SVG with ids of its own, so that two pictures fit on one page"""
        prefix = "m" + hashlib.sha256(self.source.encode()).hexdigest()[:8] + "-"
        return re.sub(r'\bid="', f'id="{prefix}', svg)

    def __repr__(self) -> str:
        return f"Drawing({len(self.source)} characters of DOT; .save('picture.svg') draws it)"
