"""Make the fonts that drawings are rasterised with: `python tools/font.py NotoSansCJK-Regular.ttc DejaVuSans.ttf`.

The sources are those of Debian's packages fonts-noto-cjk and fonts-dejavu-core; `pip install fonttools cffsubr` brings
the tools. Chinese outlines are rounded to 256 units, a tenth of a pixel at reading size, which saves bytes.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable

import cffsubr
from fontTools.cffLib.specializer import generalizeProgram, specializeProgram
from fontTools.subset import Options, Subsetter, load_font
from fontTools.ttLib import TTFont
from fontTools.ttLib.scaleUpem import scale_upem

from knoll.draw.font import FAMILY, FAMILY_OF_SIGNS, SANS, SIGNS, characters, signs

SIMPLIFIED_CHINESE = 2  # its number in the collection
DROPPED = ["BASE", "FFTM", "GDEF", "GPOS", "GSUB", "VORG", "kern", "vhea", "vmtx"]
NARROW = {"·"}  # full-width in the Chinese font; the sign of multiplication comes from the other one
NAMES = (0, 1, 2, 3, 4, 5, 6, 13, 14)


def main(noto: str, dejavu: str) -> None:
    """Write both font files."""
    font = subset(noto, characters() - NARROW, font_number=SIMPLIFIED_CHINESE, desubroutinize=True)
    scale_upem(font, 256)
    outlines = font["CFF "].cff.topDictIndex[0].CharStrings
    for name in outlines.keys():  # noqa: SIM118 (it is no dictionary)
        outlines[name].decompile()
        outlines[name].program = specializeProgram(generalizeProgram(outlines[name].program))
    cffsubr.subroutinize(font)
    font["CFF "].cff.fontNames = [FAMILY.replace(" ", "")]
    renamed(font, FAMILY).save(SANS)
    lacking = {sign for sign in signs() if ord(sign) not in font.getBestCmap()}
    renamed(subset(dejavu, lacking, font_number=0, desubroutinize=False), FAMILY_OF_SIGNS).save(SIGNS)


def subset(source: str, kept: Iterable[str], *, font_number: int, desubroutinize: bool) -> TTFont:
    """The font with these characters alone."""
    options = Options(font_number=font_number, layout_features=[], hinting=False, desubroutinize=desubroutinize)
    options.drop_tables += DROPPED
    options.notdef_outline = True
    font = load_font(source, options)
    chosen = Subsetter(options)
    chosen.populate(unicodes=map(ord, kept))
    chosen.subset(font)
    return font


def renamed(font: TTFont, family: str) -> TTFont:
    """The font under a name of its own, as both licences ask; the same bytes each time."""
    font["name"].names = [name for name in font["name"].names if name.nameID in NAMES]
    for entry, text in ((1, family), (3, f"{family} 1.0"), (4, family), (6, family.replace(" ", ""))):
        font["name"].setName(text, entry, 3, 1, 0x409)
    font["head"].created = font["head"].modified = 0
    font.recalcTimestamp = False
    return font


if __name__ == "__main__":
    main(*sys.argv[1:])
