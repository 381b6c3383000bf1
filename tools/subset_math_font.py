"""Make the font of the formulas, ``book/_extensions/font/stix-two-math.woff2``, from STIX Two Math.

The original comes with the npm package ``@fontsource/stix-two-math`` (5.3.0), under the SIL Open Font License, which
lies beside the result. With fontTools and brotli installed:

    npm pack @fontsource/stix-two-math
    tar xzf fontsource-stix-two-math-5.3.0.tgz
    python tools/subset_math_font.py package/files/stix-two-math-latin-400-normal.woff2

A character that a formula needs and the font lacks fails the test of the formulas: add it below, and run this again.
"""

import argparse
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

TARGET = Path(__file__).parents[1] / "book" / "_extensions" / "font" / "stix-two-math.woff2"
BLOCKS = [
    (0x20, 0x7E),  # ASCII
    (0x391, 0x3A9),
    (0x3B1, 0x3C9),  # Greek
    (0x1D400, 0x1D467),  # bold and italic
    (0x1D6E2, 0x1D71B),  # italic Greek
    (0x1D7CE, 0x1D7D7),  # bold digits
]
SIGNS = (
    "\u00a0¬°±·×÷¯ˆˉ˙˜\u0302\u0303\u0304\u0305\u0307\u0308\u20d7ℎℂℕℙℚℝℤ𝔼𝖳ϑϕϖϱϵ′″‴…⋮⋯⋱–—―‖‘’“”"
    "←↑→↓↔↦⇒⇔∀∂∃∅∆∇∈∉∏∑−∓∗∘√∝∞∣∥∧∨∩∪∫∼≃≅≈≠≡≤≥≪≫⊂⊆⊕⊗⊙⊤⊥⋅⌈⌉⌊⌋⏞⏟⟨⟩"
)


# A browser's rules for indices measure the letter: they would stand lower at g than at a. TeX's do not, for one letter.
CONSTANTS = {"SubscriptBaselineDropMin": -60, "SuperscriptBaselineDropMax": 380}
CONSTANTS |= {"FractionNumeratorShiftUp": 480, "FractionDenominatorShiftDown": 410}  # so low that lines stay together
RADICAL = "√"


def narrow_radicals(font):
    """Make the large radicals as wide as the small one: Chromium leaves room for the widest after each of them."""
    variants = font["MATH"].table.MathVariants
    small = font.getBestCmap()[ord(RADICAL)]
    sizes = variants.VertGlyphConstruction[variants.VertGlyphCoverage.glyphs.index(small)]
    names = {record.VariantGlyph for record in sizes.MathGlyphVariantRecord}
    names |= {part.glyph for part in sizes.GlyphAssembly.PartRecords}
    width = font["hmtx"][small][0]
    for name in names:
        scale_width(font, name, width / font["hmtx"][name][0])
        font["hmtx"][name] = (width, font["glyf"][name].xMin)


def scale_width(font, name, factor):
    """Make a glyph narrower by a factor."""
    glyphs = font["glyf"]
    glyphs[name].coordinates.scale((factor, 1))
    glyphs[name].coordinates.toInt()
    glyphs[name].recalcBounds(glyphs)


def main():
    """Write the subset; its glyphs keep their variants and the pieces of the large ones, which the MATH table names."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("original", type=Path)
    font = TTFont(parser.parse_args().original, recalcTimestamp=False)
    options = Options(
        hinting=False, layout_features=["ssty"], notdef_outline=True, name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14]
    )
    options.drop_tables += ["GPOS"]
    subsetter = Subsetter(options)
    subsetter.populate(
        unicodes=[code for first, last in BLOCKS for code in range(first, last + 1)] + [*map(ord, SIGNS)]
    )
    subsetter.subset(font)
    for name, value in CONSTANTS.items():
        getattr(font["MATH"].table.MathConstants, name).Value = value
    narrow_radicals(font)
    font.flavor = "woff2"
    font.save(TARGET)
    print(f"{TARGET.name}: {len(font.getGlyphOrder())} glyphs, {TARGET.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
