"""Sphinx's settings for the book.  Formulas become MathML, which needs no script, in a font that the book brings."""

import re
from importlib.resources import files

from docutils import nodes
from docutils.utils.math.latex2mathml import tex2mathml

project = "minigrad"
extensions = ["myst_nb", "sphinx_copybutton"]
exclude_patterns = ["extra", "downloads"]

nb_execution_mode = "off"                             # build_book.py has run them
myst_enable_extensions = ["dollarmath"]
myst_dmath_double_inline = True                       # $$…$$ right after a line of prose is a formula too
myst_heading_anchors = 2

html_theme = "furo"
html_title = "minigrad: the course"
html_static_path = ["book.css", str(files("ziamath") / "fonts" / "STIXTwoMath-Regular.ttf")]
html_css_files = ["book.css"]
html_extra_path = ["extra"]
html_math_renderer = "mathml"
html_show_sphinx = False
html_show_copyright = False
html_copy_source = False
html_use_index = False
html_show_search_summary = False                      # it would ask for the pages, which a browser refuses from disk
html_permalinks = False
pygments_style = "tango"
pygments_dark_style = "monokai"
copybutton_selector = "div.cell_input pre, div.highlight-sh pre, div.highlight-python pre"


def mathml(tex: str, **options) -> str:
    """docutils' MathML, with := as one sign, and TeX's thin spaces around the name of a function: y log(1 − ŷ)"""
    written = tex2mathml(tex.replace(r"\dots", r"\ldots"), **options)
    written = re.sub(r"<mo>∶</mo>\s*<mo>=</mo>", "<mo>:=</mo>", written)
    written = re.sub(r"<mi>(\w\w+)</mi>", "<mi>\N{THIN SPACE}\\1</mi>", written)
    return re.sub(r"</mi>(\s*<mo>&ApplyFunction;</mo>)(?!\s*<mo[^>]*>[(,])", "\N{THIN SPACE}</mi>\\1", written)


def inline_formula(translator, node):
    translator.body.append(mathml(node.astext()))
    raise nodes.SkipNode


def block_formula(translator, node):
    translator.body.append(f'<div class="formula">{mathml(node.astext(), as_block=True)}</div>')
    raise nodes.SkipNode


def setup(app):
    app.add_html_math_renderer("mathml", (inline_formula, None), (block_formula, None))
