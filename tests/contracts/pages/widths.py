"""How wide pages are in windows of many widths. A page is loaded once, in a frame that is then resized."""

from playwright.sync_api import Page

WIDTHS = [320, 390, 700, 768, 1024, *range(1100, 1461, 20), 1920]
MEASURE = """
async ([page, widths]) => {
  const frame = document.createElement("iframe");
  frame.sandbox = "allow-same-origin";
  frame.style.cssText = "position: absolute; inset: 0 auto auto 0; border: 0; height: 900px; width: 1920px";
  frame.srcdoc = page;
  const loaded = new Promise((resolve) => frame.addEventListener("load", resolve));
  document.body.append(frame);
  await loaded;
  const inside = frame.contentDocument;
  for (const closed of inside.querySelectorAll("details")) closed.open = true;
  const found = [];
  const all = inside.body.getElementsByTagName("*");
  const beyond = (width) => [...all].filter((each) => each.getBoundingClientRect().right > width);
  for (const width of widths) {
    frame.style.width = `${width}px`;
    const wide = inside.documentElement.scrollWidth;
    if (wide > width) {
      const last = beyond(width + 1).slice(-3).map((each) => each.outerHTML.slice(0, 120));
      found.push(`${width}: ${wide} px, ${last.join(" | ")}`);
    }
    for (const { clientWidth, scrollWidth } of width < 768 ? [] : inside.querySelectorAll(".results"))
      if (scrollWidth > clientWidth) found.push(`${width}: list cut at ${clientWidth} of ${scrollWidth} px`);
  }
  frame.remove();
  return found;
}
"""


def faults_of_width(page: Page, html: str) -> list[str]:
    """The widths at which the page, with everything opened, is wider than its window, or a list of the office is cut.

    `page` is any page of the same site, in a browser without the site's policy, which forbids frames.
    """
    return page.evaluate(MEASURE, [html, WIDTHS])
