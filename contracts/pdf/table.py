"""The order table: a head repeated on each page, a row for each order, and the totals."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from common.money import format_figure
from common.normal_forms import normalise_line, normalise_text
from contracts.pdf import fonts
from contracts.pdf.dates import print_period
from contracts.pdf.fonts import BOLD, REGULAR
from contracts.pdf.labels import Labels
from contracts.pdf.layout import ACCENT, GREY, HAIRLINE, INK, LEFT, RULE, TINT, WIDTH, Box, Column, Strip, Style, Text
from contracts.pdf.snapshot import ContractSnapshot, Line
from contracts.pdf.tags import COLUMN_HEAD, REPEATED, ROW_HEAD, Tag, tag_cells
from contracts.pdf.tax import has_tax, print_rate

SETTINGS = ((7.5, False, 100.0), (7.5, True, 100.0), (7.5, True, 58.0), (6.4, True, 58.0), (5.8, True, 58.0))
"""(Font size, whether periods and units take two lines, width at which order numbers do).

The first that leaves MIN_PRODUCT_WIDTH is used. Only amounts of 12 digits and more need the last two.
"""
MIN_PRODUCT_WIDTH = 88.0
COLUMN_GAP = 9.0
ROW_PADDING = 4.5
LINE_HEIGHT_RATIO = 1.36
CONTINUED_HEIGHT = 14.0
"""Height of the line above the table's head on continued pages."""
NOTE_STYLE = Style(REGULAR, 7.5, GREY)
COLUMNS = ("line", "order_number", "product", "quantity", "period", "list_amount", "discount", "tax_rate", "payable")
"""The tax rate has a column if an order states one (R35)."""
RIGHT_ALIGNED = ("quantity", "list_amount", "discount", "tax_rate", "payable")


class OrderTable:
    """The table of one contract."""

    def __init__(self, snapshot: ContractSnapshot, labels: Labels) -> None:
        self.snapshot = snapshot
        self.labels = labels
        self.column_names = [name for name in COLUMNS if name != "tax_rate" or has_tax(snapshot)]
        self.periods = [snapshot.type.period(line, snapshot.time_zone) for line in snapshot.lines]
        self.totals = _totals(snapshot)
        self.size, self.stacked, self.columns = self._choose_setting()
        self.leading = self.size * LINE_HEIGHT_RATIO
        self.text, self.quiet = Style(REGULAR, self.size), Style(REGULAR, self.size, GREY)
        self.details_end = self.columns["list_amount" if self.stacked else "period"].end
        self.tag = Tag("Table")
        self.cells = [
            Tag("TH", attributes=ROW_HEAD) if name == "order_number" else Tag("TD") for name in self.column_names
        ]
        self.head = self._head()
        self.body = Tag("TBody", self.tag)
        self.continued_head = self._continued_head()

    def strips(self) -> list[Strip]:
        """Return head, rows and totals. The head stays with the first two rows, the totals with the last two."""
        rows = [self._row(number, line) for number, line in enumerate(self.snapshot.lines, start=1)]
        for row in (rows[0], *rows[-2:]):
            row.keep = True
        rows[-1].boxes.pop()  # the totals have their own rule
        return [self.head, *rows, self._totals_row()]

    def _choose_setting(self) -> tuple[float, bool, dict[str, Column]]:
        """Return one of SETTINGS and the columns. They fit their texts; the product gets the remaining width."""
        currency, lines = self.snapshot.currency, self.snapshot.lines
        discounts = [line.list_amount - line.payable_amount for line in lines]
        plain = {
            "line": [str(len(lines))],
            "order_number": [normalise_line(line.number) for line in lines],
            "quantity": [_quantity(line) for line in lines],
            "period": self.periods,
        }
        if "tax_rate" in self.column_names:
            plain["tax_rate"] = [print_rate(line.tax_rate) for line in lines]
        figures = {
            "list_amount": [format_figure(self.totals[0], currency)],
            "discount": [format_figure(amount, currency) for amount in (*discounts, self.totals[1])],
            "payable": [format_figure(self.totals[2], currency)],
        }
        unit = {name: _widest(texts, REGULAR) for name, texts in plain.items()}
        unit |= {name: _widest(texts, BOLD) for name, texts in figures.items()}
        heads = {name: self._column_head(name) for name in unit}
        unit = {name: max(width, _widest(heads[name], BOLD)) for name, width in unit.items()}
        widths: dict[str, float] = {}
        for size, stacked, order_number_width in SETTINGS:
            if stacked:
                for name in ("period", "quantity"):
                    parts = [part for text in plain[name] for part in _stack(text)]
                    unit[name] = max(_widest(parts, REGULAR), _widest(heads[name], BOLD))
            widths = {name: unit[name] * size + COLUMN_GAP for name in unit}
            widths["order_number"] = min(widths["order_number"], order_number_width)
            widths["product"] = WIDTH - (sum(widths.values()) - COLUMN_GAP)  # no gap after the last column
            if widths["product"] >= MIN_PRODUCT_WIDTH:
                break
        columns, x = {}, LEFT
        for name in self.column_names:
            columns[name] = Column(x, widths[name] - COLUMN_GAP, "right" if name in RIGHT_ALIGNED else "left")
            x += widths[name]
        return size, stacked, columns

    def _column_head(self, column: str) -> list[str]:
        own = {"period": self.snapshot.type.period_head, "payable": self.snapshot.type.amount_head}
        return self.labels.lines(own.get(column, column))

    def _head(self) -> Strip:
        size = self.size
        labels = {name: self._column_head(name) for name in self.column_names}
        height = ROW_PADDING * 2 + size * LINE_HEIGHT_RATIO * len(labels["line"])
        strip = Strip(height, keep=True)
        strip.boxes = [Box(LEFT - 4, 0, WIDTH + 8, height, TINT), Box(LEFT - 4, height - 0.9, WIDTH + 8, 0.9, ACCENT)]
        for name, lines in labels.items():
            for n, text in enumerate(lines):
                down = ROW_PADDING + size + n * size * LINE_HEIGHT_RATIO
                self.columns[name].add_text(strip, down, text, Style(BOLD, size, ACCENT))
        self._tag_row(strip, Tag("THead", self.tag), [Tag("TH", attributes=COLUMN_HEAD)] * len(self.columns))
        return strip

    def _continued_head(self) -> Strip:
        """Return the head of continued pages, which repeats the section's heading."""
        strip = Strip(CONTINUED_HEIGHT + self.head.height)
        strip.texts = [text._replace(down=text.down + CONTINUED_HEIGHT) for text in self.head.texts]
        strip.boxes = [box._replace(down=box.down + CONTINUED_HEIGHT) for box in self.head.boxes]
        unit = self.labels("amounts_in", currency=self.snapshot.currency)
        strip.texts.insert(0, Text(LEFT, 7, self.labels("orders_continued"), NOTE_STYLE))
        strip.add_right(LEFT + WIDTH, 7, unit, NOTE_STYLE)
        strip.texts = [text._replace(tag=REPEATED) for text in strip.texts]
        return strip

    def _row(self, number: int, line: Line) -> Strip:
        columns, size, leading, currency = self.columns, self.size, self.leading, self.snapshot.currency
        discount = line.list_amount - line.payable_amount
        orders = fonts.wrap(line.number, REGULAR, size, columns["order_number"].width)
        products = fonts.wrap(line.product_name, REGULAR, size, columns["product"].width)
        details = fonts.wrap(self._details(line), REGULAR, size, self.details_end - columns["product"].x)
        strip = Strip(0, head=self.continued_head)
        text, quiet = self.text, self.quiet
        down = ROW_PADDING + size
        columns["line"].add_text(strip, down, str(number), quiet)
        strip.add_lines(columns["order_number"].x, down, orders, text, leading)
        strip.add_lines(columns["product"].x, down, products, text, leading)
        quantity = _quantity(line)
        for n, part in enumerate(_stack(quantity) if self.stacked else [quantity]):
            columns["quantity"].add_text(strip, down + leading * n, part, text)
        period = self.periods[number - 1]
        strip.add_lines(columns["period"].x, down, _stack(period) if self.stacked else [period], text, leading)
        columns["list_amount"].add_text(strip, down, format_figure(line.list_amount, currency), text)
        columns["discount"].add_text(strip, down, format_figure(discount, currency) if discount else "–", text)
        if "tax_rate" in columns:
            columns["tax_rate"].add_text(strip, down, print_rate(line.tax_rate), text)
        columns["payable"].add_text(strip, down, format_figure(line.payable_amount, currency), text)
        if percentage := _percentage(discount, line.list_amount):
            columns["discount"].add_text(strip, down + leading, percentage, quiet)
        down += leading * max(len(products), 1 + self.stacked)
        strip.add_lines(columns["product"].x, down, details, quiet, leading)
        # The order number is beside product and details, so the longer side sets the height.
        lowest = max(strip.texts, key=lambda text: text.down).down
        strip.height = lowest + size * 0.35 + ROW_PADDING
        strip.boxes.append(Box(LEFT - 4, strip.height - HAIRLINE, WIDTH + 8, HAIRLINE, RULE))
        self._tag_row(strip, self.body, self.cells)
        return strip

    def _details(self, line: Line) -> str:
        """Return kind, region, the service period if its column differs, further facts and configuration."""
        parts = [self.labels(line.kind), normalise_line(line.region)]
        if self.snapshot.type.service_in_details and line.service_start:
            period = print_period(line.service_start, line.service_end, self.snapshot.time_zone)
            parts.append(f"{self.labels('period')} {period}")
        parts += [f"{self.labels(label)} {normalise_line(text)}" for label, text in line.details]
        return " | ".join([*filter(None, parts), normalise_text(line.configuration)]).removesuffix(" | ")

    def _totals_row(self) -> Strip:
        count = len(self.snapshot.lines)
        label = self.labels("total" if count > 1 else "total_of_one", count=count)
        height = ROW_PADDING * 2 + self.leading + 2
        # The tax by rate may begin the next page, the total in words stays with the table.
        strip = Strip(height, head=self.continued_head, keep=not has_tax(self.snapshot))
        strip.boxes = [Box(LEFT - 4, 0, WIDTH + 8, 0.9, ACCENT), Box(LEFT - 4, 0.9, WIDTH + 8, height - 0.9, TINT)]
        down = ROW_PADDING + self.size + 1
        self.columns["line"].add_text(strip, down, label, Style(BOLD, self.size, ACCENT))
        for name, amount in zip(("list_amount", "discount", "payable"), self.totals, strict=True):
            figure = format_figure(amount, self.snapshot.currency)
            style = Style(BOLD, self.size, ACCENT if name == "payable" else INK)
            strip.add_right(self.columns[name].end + _wider_decimals(figure) * self.size, down, figure, style)
        before_figures = self.column_names.index("list_amount")
        whole = Tag("TH", attributes=f"<</O/Table/Scope/Row/ColSpan {before_figures}>>")
        self._tag_row(
            strip, Tag("TFoot", self.tag), [whole, *[None] * (before_figures - 1), *self.cells[before_figures:]]
        )
        return strip

    def _tag_row(self, strip: Strip, group: Tag, cells: Sequence[Tag | None]) -> None:
        tag_cells(strip, [*self.columns.values()], Tag("TR", group), cells)


def _wider_decimals(figure: str) -> float:
    """Return by how much bold decimals are wider, at size 1, to align the decimal point with the rows above."""
    decimals = figure[figure.find(".") :] if "." in figure else ""
    return fonts.text_width(decimals, BOLD, 1) - fonts.text_width(decimals, REGULAR, 1)


def _widest(texts: list[str], font: str) -> float:
    """Return the width of the widest text at size 1."""
    return max(fonts.text_width(text, font, 1) for text in texts)


def _quantity(line: Line) -> str:
    return f"{line.quantity} {normalise_line(line.unit)}".strip()


def _totals(snapshot: ContractSnapshot) -> tuple[Decimal, Decimal, Decimal]:
    """Return total list amount, discount and payable amount (R33)."""
    listed = sum((line.list_amount for line in snapshot.lines), Decimal(0))
    return listed, listed - snapshot.total_amount, snapshot.total_amount


def _stack(period: str) -> list[str]:
    """Split a period into start and end, or a deadline into date and time."""
    return period.rsplit(" ", 1)


def _percentage(discount: Decimal, listed: Decimal) -> str:
    """Return the discount as a percentage of the list amount, to one decimal; empty without a discount."""
    if not discount or not listed:
        return ""
    exact = discount / listed * 100
    rounded = exact.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
    if not rounded:
        return "<0.1%" if exact > 0 else ""
    if rounded == 100 > exact:
        return ">99.9%"
    return f"{rounded}%".replace(".0%", "%")
