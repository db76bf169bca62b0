"""The order table: one row an order, its head repeated on each page, and the totals."""

from decimal import ROUND_HALF_UP, Decimal

from common.money import format_figure
from common.normal_forms import normalise_line, normalise_text
from contracts.pdf import fonts
from contracts.pdf.dates import print_period
from contracts.pdf.fonts import BOLD, REGULAR
from contracts.pdf.labels import Labels
from contracts.pdf.layout import ACCENT, GREY, HAIRLINE, INK, LEFT, RULE, TINT, WIDTH, Box, Column, Strip, Style, Text
from contracts.pdf.snapshot import ContractSnapshot, Line

SETTINGS = ((7.5, False), (7.0, False), (7.0, True), (6.4, True), (5.8, True))
"""Size of the table's text, and whether a period is stacked in two lines: the first that leaves the product room."""
PRODUCT_WIDTH = 92.0
ORDER_NUMBER_WIDTH = 100.0
"""The widest that the column of order numbers gets; longer numbers go over several lines."""
GAP = 9.0
PADDING = 4.5
LINE_HEIGHT = 1.36
DETAIL = 0.88
"""The size of the configuration and the percentages, in sizes of the table's text."""
OVERLEAF = 14.0
"""Height of the line above the table's head on the pages that follow."""
NOTE = Style(REGULAR, 7.4, GREY)
COLUMNS = ("line", "order_number", "product", "quantity", "period", "list_amount", "discount", "payable")
RIGHT_ALIGNED = ("quantity", "list_amount", "discount", "payable")


class OrderTable:
    """The table of one contract."""

    def __init__(self, snapshot: ContractSnapshot, labels: Labels) -> None:
        self.snapshot = snapshot
        self.labels = labels
        self.periods = [snapshot.type.period(line, snapshot.time_zone) for line in snapshot.lines]
        self.totals = _totals(snapshot)
        self.size, self.stacked, self.columns = self._measure()
        self.leading = self.size * LINE_HEIGHT
        self.text, self.quiet = Style(REGULAR, self.size), Style(REGULAR, self.size, GREY)
        self.small = Style(REGULAR, self.size * DETAIL, GREY)
        self.details_end = self.columns["list_amount" if self.stacked else "period"].end
        self.head = self._head()
        self.head_overleaf = self._head_overleaf()

    def strips(self) -> list[Strip]:
        """Head, rows and totals. The head stays with the first two rows, the totals with the last two."""
        rows = [self._row(number, line) for number, line in enumerate(self.snapshot.lines, start=1)]
        for row in (rows[0], *rows[-2:]):
            row.keep = True
        rows[-1].boxes.pop()  # the totals have their own rule
        return [self.head, *rows, self._totals_row()]

    def _measure(self) -> tuple[float, bool, dict[str, Column]]:
        """One of SETTINGS and the columns: as wide as what they hold, the product taking what is left."""
        currency, lines = self.snapshot.currency, self.snapshot.lines
        discounts = [line.list_amount - line.payable_amount for line in lines]
        plain = {
            "line": [str(len(lines))],
            "order_number": [normalise_line(line.number) for line in lines],
            "quantity": [str(line.quantity) for line in lines],
            "period": self.periods,
        }
        figures = {
            "list_amount": [format_figure(self.totals[0], currency)],
            "discount": [format_figure(amount, currency) for amount in (*discounts, self.totals[1])],
            "payable": [format_figure(self.totals[2], currency)],
        }
        unit = {name: _widest(texts, REGULAR) for name, texts in plain.items()}
        unit |= {name: _widest(texts, BOLD) for name, texts in figures.items()}
        heads = {name: self._column_head(name) for name in unit}
        unit = {name: max(width, _widest(heads[name], BOLD) * DETAIL) for name, width in unit.items()}
        widths: dict[str, float] = {}
        for size, stacked in SETTINGS:
            if stacked:
                parts = [part for period in self.periods for part in _stack(period)]
                unit["period"] = max(_widest(parts, REGULAR), _widest(heads["period"], BOLD) * DETAIL)
            widths = {name: unit[name] * size + GAP for name in unit}
            widths["order_number"] = min(widths["order_number"], ORDER_NUMBER_WIDTH)
            widths["product"] = WIDTH - (sum(widths.values()) - GAP)  # no gap after the last column
            if widths["product"] >= PRODUCT_WIDTH:
                break
        columns, x = {}, LEFT
        for name in COLUMNS:
            columns[name] = Column(x, widths[name] - GAP, "right" if name in RIGHT_ALIGNED else "left")
            x += widths[name]
        return size, stacked, columns

    def _column_head(self, column: str) -> list[str]:
        own = {"period": self.snapshot.type.period_head, "payable": self.snapshot.type.amount_head}
        return self.labels.lines(own.get(column, column))

    def _head(self) -> Strip:
        size = self.size * DETAIL
        labels = {name: self._column_head(name) for name in COLUMNS}
        height = PADDING * 2 + size * LINE_HEIGHT * len(labels["line"])
        strip = Strip(height, keep=True)
        strip.boxes = [Box(LEFT - 4, 0, WIDTH + 8, height, TINT), Box(LEFT - 4, height - 0.9, WIDTH + 8, 0.9, ACCENT)]
        for name, lines in labels.items():
            for n, text in enumerate(lines):
                down = PADDING + size + n * size * LINE_HEIGHT
                self.columns[name].add(strip, down, text, Style(BOLD, size, ACCENT))
        return strip

    def _head_overleaf(self) -> Strip:
        """The head on the pages that follow, with what the section's heading says on the first."""
        strip = Strip(OVERLEAF + self.head.height)
        strip.texts = [text._replace(down=text.down + OVERLEAF) for text in self.head.texts]
        strip.boxes = [box._replace(down=box.down + OVERLEAF) for box in self.head.boxes]
        unit = self.labels("amounts_in", currency=self.snapshot.currency)
        strip.texts.insert(0, Text(LEFT, 7, self.labels("orders_continued"), NOTE))
        strip.right(LEFT + WIDTH, 7, unit, NOTE)
        return strip

    def _row(self, number: int, line: Line) -> Strip:
        columns, size, leading, currency = self.columns, self.size, self.leading, self.snapshot.currency
        discount = line.list_amount - line.payable_amount
        orders = fonts.wrap(line.number, REGULAR, size, columns["order_number"].width)
        products = fonts.wrap(line.product_name, REGULAR, size, columns["product"].width)
        details = fonts.wrap(self._details(line), REGULAR, size * DETAIL, self.details_end - columns["product"].x)
        strip = Strip(0, head=self.head_overleaf)
        text, small = self.text, self.small
        down = PADDING + size
        columns["line"].add(strip, down, str(number), self.quiet)
        strip.lines(columns["order_number"].x, down, orders, text, leading)
        strip.lines(columns["product"].x, down, products, text, leading)
        columns["quantity"].add(strip, down, str(line.quantity), text)
        period = self.periods[number - 1]
        strip.lines(columns["period"].x, down, _stack(period) if self.stacked else [period], text, leading)
        columns["list_amount"].add(strip, down, format_figure(line.list_amount, currency), text)
        columns["discount"].add(strip, down, format_figure(discount, currency) if discount else "–", text)
        columns["payable"].add(strip, down, format_figure(line.payable_amount, currency), text)
        if percentage := _percentage(discount, line.list_amount):
            columns["discount"].add(strip, down + leading, percentage, small)
        down += leading * max(len(products), 1 + self.stacked)
        strip.lines(columns["product"].x, down, details, small, leading * DETAIL + 0.4)
        # The order number stands beside both, so the longer side gives the height.
        lowest = max(strip.texts, key=lambda text: text.down).down
        strip.height = lowest + size * 0.35 + PADDING
        strip.boxes.append(Box(LEFT - 4, strip.height - HAIRLINE, WIDTH + 8, HAIRLINE, RULE))
        return strip

    def _details(self, line: Line) -> str:
        """Kind, region, configuration; and the service period, if there is one and its column holds something else."""
        parts = [self.labels(line.kind), normalise_line(line.region)]
        if self.snapshot.type.service_in_details and line.service_start:
            period = print_period(line.service_start, line.service_end, self.snapshot.time_zone)
            parts.append(f"{self.labels('period')} {period}")
        return " | ".join([*filter(None, parts), normalise_text(line.configuration)]).removesuffix(" | ")

    def _totals_row(self) -> Strip:
        count = len(self.snapshot.lines)
        label = self.labels("total" if count > 1 else "total_of_one", count=count)
        height = PADDING * 2 + self.leading + 2
        strip = Strip(height, head=self.head_overleaf, keep=True)
        strip.boxes = [Box(LEFT - 4, 0, WIDTH + 8, 0.9, ACCENT), Box(LEFT - 4, 0.9, WIDTH + 8, height - 0.9, TINT)]
        down = PADDING + self.size + 1
        self.columns["line"].add(strip, down, label, Style(BOLD, self.size, ACCENT))
        for name, amount in zip(("list_amount", "discount", "payable"), self.totals, strict=True):
            figure = format_figure(amount, self.snapshot.currency)
            style = Style(BOLD, self.size, ACCENT if name == "payable" else INK)
            strip.right(self.columns[name].end + _wider_decimals(figure) * self.size, down, figure, style)
        return strip


def _wider_decimals(figure: str) -> float:
    """By how much the decimals are wider in bold, at size 1: their point stands under those of the plain figures."""
    decimals = figure[figure.find(".") :] if "." in figure else ""
    return fonts.text_width(decimals, BOLD, 1) - fonts.text_width(decimals, REGULAR, 1)


def _widest(texts: list[str], font: str) -> float:
    """Width of the widest text at size 1."""
    return max(fonts.text_width(text, font, 1) for text in texts)


def _totals(snapshot: ContractSnapshot) -> tuple[Decimal, Decimal, Decimal]:
    """List amount, discount and payable amount of all orders together (R33)."""
    listed = sum((line.list_amount for line in snapshot.lines), Decimal(0))
    return listed, listed - snapshot.total_amount, snapshot.total_amount


def _stack(period: str) -> list[str]:
    """Beginning over end, or day over time of the deadline."""
    return period.rsplit(" ", 1)


def _percentage(discount: Decimal, listed: Decimal) -> str:
    """The discount in per cent of the list amount, to one decimal; empty where there is none."""
    if not discount or not listed:
        return ""
    exact = discount / listed * 100
    rounded = exact.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
    if not rounded:
        return "<0.1%" if exact > 0 else ""
    if rounded == 100 > exact:
        return ">99.9%"
    return f"{rounded}%".replace(".0%", "%")
