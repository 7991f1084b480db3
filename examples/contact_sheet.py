"""A tool, not a lesson: every view × light, dark and for a slide × both engines × three fonts, on one page to look at.

    python examples/contact_sheet.py sheet.html       # in a browser; #grey, #protan or #deutan after it filters colours

The filters show what is left without colour, and to readers who are blind to red or to green (Viénot et al. 1999).
"""

import importlib.util
import shutil
import sys
from pathlib import Path
from unittest.mock import patch

from redraw_images import GALLERY

from minigrad.draw import engines

STYLES: dict[str, dict] = {"light": {}, "dark": {"theme": "dark"}, "16:9": {"aspect": "16:9"}}
FONTS = ("DejaVu Sans", "Liberation Sans", "Liberation Serif")
MATRICES = {
    "grey": [(0.2126, 0.7152, 0.0722)] * 3,
    "protan": [(0.1121, 0.8853, -0.0005), (0.1127, 0.8897, -0.0001), (0.0045, 0, 1.0019)],
    "deutan": [(0.292, 0.7054, -0.0003), (0.2934, 0.7089, 0), (-0.0210, 0.0256, 0.9921)],
}
PAGE = """<!doctype html><meta charset="utf-8"><title>minigrad: every view</title>
<style>body {{ font: 14px sans-serif; margin: 12px }} figure {{ display: inline-block; width: 620px; margin: 4px }}
figcaption {{ color: #555 }} svg {{ width: 100%; height: auto }}
.filters {{ position: absolute; width: 0; height: 0 }}</style>
<svg class="filters" color-interpolation-filters="linearRGB">{filters}</svg>
{figures}
<script>const colours = () => {{ document.body.style.filter = location.hash ? `url(${{location.hash}})` : ""; }};
addEventListener("hashchange", colours); colours();</script>
"""


def found_engines() -> list[str]:
    found = {"dot": shutil.which("dot"), "pygraphviz": importlib.util.find_spec("pygraphviz")}
    return [name for name, there in found.items() if there]


def figures() -> list[str]:
    found = []
    for view, drawing in GALLERY.items():
        for style, options in STYLES.items():
            for engine in found_engines():
                with patch.object(engines, "available", return_value=engine):
                    svg = drawing(**options).svg()
                svg = svg[svg.index("<svg"):]
                for font in FONTS:
                    shown = svg.replace("Helvetica,Arial,sans-serif", font)
                    found.append(f"<figure><figcaption>{view}, {style}, {engine}, {font}</figcaption>{shown}</figure>")
    return found


def filters() -> str:
    """SVG filters that replace every colour by what is seen of it"""
    written = []
    for name, rows in MATRICES.items():
        values = " ".join(f"{r} {g} {b} 0 0" for r, g, b in rows)
        written.append(f'<filter id="{name}"><feColorMatrix values="{values} 0 0 0 1 0"/></filter>')
    return "".join(written)


def main(path: Path) -> int:
    path.write_text(PAGE.format(filters=filters(), figures="\n".join(figures())), encoding="utf-8")
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else "contact_sheet.html")))
