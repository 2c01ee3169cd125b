"""How the lessons speak: each line in English and Chinese, of which the reader's is printed.

各课的输出：每一行都有英文和中文，只打印读者的那一种。
"""

from __future__ import annotations

from knoll.messages import language


def tell(*, en: str, zh: str) -> None:
    """Print a line in the language of `KNOLL_LANG`, else of the locale.

    用 `KNOLL_LANG`（否则按系统区域设置）指定的语言打印一行。
    """
    print(zh if language() == "zh" else en)
