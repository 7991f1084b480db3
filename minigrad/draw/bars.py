"""The ledger of a weight as a bar: its number, its gradient, and one cell for each time step's contribution.

Cell t carries the port t1, t2, …, and stands over the column of its step where columns are `pitch` apart.
"""

from minigrad.bptt import Ledger
from minigrad.draw import theme
from minigrad.draw.sheet import Sheet
from minigrad.notation import number, signed
from minigrad.number import Number
from minigrad.value import Value


def bar(sheet: Sheet, ledger: Ledger, factors: list[str], users: list[list[Value]], pitch: int):
    """The bar as an HTML-like label, and by how many points a term of no step makes it wider.

    factors   for each step "upstream × local", or "" where that is no single product
    users     for each step what uses the weight there
    """
    weight, width = ledger.weight, pitch - 22
    name = theme.text(sheet.names.get(weight, ""))
    cells = [theme.cell(f"{theme.font(name, bold=True)}<BR/>{number(weight.data)}", width=66)]
    total = sheet.total(weight)
    given = {"width": 84, **ids(sheet, f"g{sheet.id[weight]}")}
    if sheet.showing.ids:
        sheet.pills[weight] = [f"a_g{sheet.id[weight]}"]
    title, seen = f"∂{theme.text(sheet.name(sheet.loss))}/∂{name}", total is not None
    cells.append(amount(sheet, title, total if seen else ledger.total, seen, **given))
    for t, (term, factor, using) in enumerate(zip(ledger.terms, factors, users), start=1):
        cells.append(sign(sheet, "=" if t == 1 else "+"))
        key = f"c{sheet.id[weight]}_{t}"
        for user in using:
            sheet.terms[user, weight] = f"a_{key}"
        words = f"t = {t}:   {factor}" if factor and sheet.backward_ran else f"t = {t}"
        seen = all(sheet.has_flowed(user, weight) for user in using)
        cells.append(amount(sheet, words, term, seen, width=width, port=f"t{t}", **ids(sheet, key)))
    if ledger.elsewhere:
        cells += [sign(sheet, "+"), amount(sheet, "elsewhere", ledger.elsewhere, True, width=84)]
    wider = 84 + 14 + 2 * 4 if ledger.elsewhere else 0
    return theme.box(theme.row(*cells), **theme.frame("weight"), spacing=4, padding=3), wider


def ids(sheet: Sheet, key: str) -> dict[str, str]:
    return {"id": key, "href": "#"} if sheet.showing.ids else {}


def sign(sheet: Sheet, written: str) -> str:
    ran = sheet.backward_ran
    return theme.cell(theme.font(written if ran else " ", bold=ran), width=14, cellpadding=0)


def amount(sheet: Sheet, words: str, gradient: Number, seen: bool, **given) -> str:
    """A cell: what it is, and in bold how much, on its colour; before backward() the words alone"""
    if not sheet.backward_ran:
        return theme.cell(theme.font(words if "∂" not in words else " ", size=10, color=theme.FAINT), **given)
    if sheet.is_blank(gradient):
        words, seen = f"{theme.font(words, size=10, color=theme.FAINT)}<BR/>{theme.font('?', bold=True)}", True
        return theme.cell(words, bgcolor=theme.BLANK, style="ROUNDED", **given)
    ink = theme.INK if seen else theme.INK + theme.UNSEEN
    grey = theme.FAINT if seen or "∂" in words else theme.FAINT + theme.UNSEEN
    html = f"{theme.font(words, size=10, color=grey)}<BR/>{theme.font(signed(gradient), color=ink, bold=True)}"
    return theme.cell(html, bgcolor=sheet.scale.fill(gradient) if seen else theme.BLANK, style="ROUNDED", **given)
