"""The two passes as single pictures, for slides: a file for each scene, every box at the same place in all."""

from pathlib import Path

from minigrad.draw.drawing import Drawing
from minigrad.draw.scenes import refuse_unplayable, scenes, sheet_of
from minigrad.draw.sheet import Showing
from minigrad.draw.stale import warn_of_changes
from minigrad.files import PICTURES
from minigrad.nn import Unrolled
from minigrad.value import Value


def frames(loss: Value, unrolled: Unrolled | None, directory, form="svg") -> list[Path]:
    """Writes directory/frame_000.svg, frame_001.svg, … (or .png, .pdf, .gv), makes the directory, and gives the paths.

    Raises TypeError for several Unrolleds, ValueError for another form or a graph that is too large,
    DrawingError without an engine.
    """
    refuse_unplayable("frames", loss, unrolled)
    warn_of_changes("frames", loss, stacklevel=2)
    if form not in PICTURES:
        raise ValueError(f"frames: there is no form {form!r}; use one of {', '.join(PICTURES)}")
    played = sheet_of(loss, unrolled, Showing(gradients=True, ids=True))
    played.source()
    directory = Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    return [
        Drawing(sheet_of(loss, unrolled, scene.showing).source()).save(directory / f"frame_{k:03}.{form}")
        for k, scene in enumerate(scenes(played))
    ]
