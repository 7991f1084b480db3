"""The ledger of a weight as a bar: its number, its gradient, and one cell for each time step's contribution.

Cell t carries the port t1, t2, …, and stands over the column of its step where columns are `pitch` apart.
"""

from minigrad.bptt import Ledger
from minigrad.draw import theme
from minigrad.notation import number, signed


def bar(ledger: Ledger, name: str, factors: list[str], scale: theme.Scale, pitch: int, backward_ran: bool):
    """The bar as an HTML-like label, and by how many points a term of no step makes it wider.

    factors   for each step "upstream × local", or "" where that is no single product
    """
    name, width = theme.text(name), pitch - 22
    cells = [theme.cell(f"{theme.font(name, bold=True)}<BR/>{number(ledger.weight.data)}", width=66)]
    total = f"{theme.font(f'∂L/∂{name}', size=10, color=theme.FAINT)}<BR/>{signed(ledger.total)}"
    cells.append(coloured(total if backward_ran else " ", ledger.total, scale, backward_ran, width=84))
    for t, (term, factor) in enumerate(zip(ledger.terms, factors), start=1):
        cells.append(sign("=" if t == 1 else "+", backward_ran))
        words = f"t = {t}:   {factor}" if factor and backward_ran else f"t = {t}"
        cells.append(term_cell(words, term, scale, backward_ran, width=width, port=f"t{t}"))
    if not ledger.elsewhere:
        return theme.box(theme.row(*cells), **theme.frame("weight"), spacing=4, padding=3), 0
    cells.append(sign("+", backward_ran))
    cells.append(term_cell("elsewhere", ledger.elsewhere, scale, backward_ran, width=84))
    return theme.box(theme.row(*cells), **theme.frame("weight"), spacing=4, padding=3), 84 + 14 + 2 * 4


def sign(written: str, backward_ran: bool) -> str:
    return theme.cell(theme.font(written if backward_ran else " ", bold=backward_ran), width=14, cellpadding=0)


def term_cell(words: str, term, scale: theme.Scale, backward_ran: bool, **given) -> str:
    html = theme.font(words, size=10, color=theme.FAINT)
    if backward_ran:
        html += f"<BR/>{theme.font(signed(term), bold=True)}"
    return coloured(html, term, scale, backward_ran, **given)


def coloured(html: str, gradient, scale: theme.Scale, backward_ran: bool, **given) -> str:
    return theme.cell(html, bgcolor=scale.fill(gradient) if backward_ran else "", style="ROUNDED", **given)
