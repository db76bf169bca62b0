"""The QR code of the verification address."""

import pypdfium2
import zxingcpp

from contracts.pdf import render_draft
from contracts.pdf.qr import QR_SIZE, qr_boxes
from tests.contracts.pdf.samples import snapshot

FINDER = ["#######", "#.....#", "#.###.#", "#.###.#", "#.###.#", "#.....#", "#######"]


def modules_of(boxes, count):
    """The boxes as rows of dark and light modules."""
    side = QR_SIZE / count
    rows = [["."] * count for _ in range(count)]
    for box in boxes:
        first = round(box.x / side)
        for column in range(first, first + round(box.width / side)):
            rows[round(box.down / side)][column] = "#"
    return ["".join(row) for row in rows]


def test_finder_patterns_are_in_three_corners():
    boxes = qr_boxes("https://contracts.example.com/verify/K7QP-2MXD-9RTV/", 0, 0)
    rows = modules_of(boxes, 33)
    assert [row[:7] for row in rows[:7]] == FINDER
    assert [row[-7:] for row in rows[:7]] == FINDER
    assert [row[:7] for row in rows[-7:]] == FINDER
    assert [row[-7:] for row in rows[-7:]] != FINDER


def test_the_code_fills_its_square():
    boxes = qr_boxes("https://contracts.example.com/verify/K7QP-2MXD-9RTV/", 51, 12)
    assert min(box.x for box in boxes) == 51
    assert abs(max(box.x + box.width for box in boxes) - 51 - QR_SIZE) < 0.01
    assert abs(max(box.down + box.height for box in boxes) - 12 - QR_SIZE) < 0.1


def test_a_camera_reads_the_verification_address_off_the_last_page():
    contract = snapshot()
    [*_, page] = pypdfium2.PdfDocument(render_draft(contract))
    [code] = zxingcpp.read_barcodes(page.render(scale=2).to_pil())
    assert code.text == contract.verification_url
