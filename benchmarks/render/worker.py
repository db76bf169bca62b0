"""Renders contracts with a renderer other than the project's: `python worker.py typst|weasyprint FOLDER_OF_FONTS`.

A process of its own, in an environment that has that renderer and nothing of the project. Everything that can be made
once is made at the start. Reads one JSON string a line from standard input, the document as `Typst` or `WeasyPrint`
takes it; answers with a line of JSON: CPU and wall milliseconds that rendering took, and the file in base64.
"""

import base64
import json
import sys
import time
from pathlib import Path

import typst
import weasyprint
from weasyprint.text.fonts import FontConfiguration

TEMPLATE = Path(__file__).with_name("contract.typ")
FONT_FACES = """
@font-face { font-family: "Noto Sans SC"; src: url("NotoSansSC-Regular.ttf") }
@font-face { font-family: "Noto Sans SC"; font-weight: bold; src: url("NotoSansSC-Bold.ttf") }
"""


class Typst:
    """Takes the data of `contract.typ` as JSON. Tagged PDF/A-3u, as ours is."""

    def __init__(self, folder: str) -> None:
        fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])
        self.compiler = typst.Compiler(TEMPLATE, font_paths=fonts, ignore_system_fonts=True)

    def render(self, document: str) -> bytes:
        return self.compiler.compile(format="pdf", sys_inputs={"contract": document}, pdf_standards=["a-3u"])


class WeasyPrint:
    """Takes HTML."""

    def __init__(self, folder: str) -> None:
        self.html = weasyprint.HTML
        self.fonts = FontConfiguration()
        base = Path(folder).resolve().as_uri() + "/"
        self.style = weasyprint.CSS(string=FONT_FACES, base_url=base, font_config=self.fonts)

    def render(self, document: str) -> bytes:
        return self.html(string=document).write_pdf(stylesheets=[self.style], font_config=self.fonts)


def main() -> None:
    engine = {"typst": Typst, "weasyprint": WeasyPrint}[sys.argv[1]](sys.argv[2])
    for line in sys.stdin:
        document = json.loads(line)
        cpu, wall = time.process_time(), time.perf_counter()
        file = engine.render(document)
        took = [(time.process_time() - cpu) * 1000, (time.perf_counter() - wall) * 1000]
        print(json.dumps([*took, base64.b64encode(file).decode()]), flush=True)


if __name__ == "__main__":
    main()
