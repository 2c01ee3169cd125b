"""Sentences whose numbers are rounded do not claim that they are equal."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knoll.messages import sentence
from knoll.messages.equalities import told_exactly

numbers = st.fractions(0, 1000, max_denominator=1).map(lambda n: n / 100) | st.integers(0, 99).map(Fraction)


@pytest.mark.parametrize(
    "text",
    [
        "3·4 = 12",
        "looks at 3×3 = 9 pixels",
        "1 / (1 − 0.5) = 2, so that",
        "y[0, 1] = 0.5·(−0.25) − 1 = −1.125",
        "1,024 · 2 = 2,048",
        "4² = 16 channels",
        "1.2e−04·2 = 2.4e−04",
        "stride = 2",
        "⌊(32 − 3) / 2⌋ + 1 = 15",
        "lr · 0.01 = 0.5 of itself",
        "3 + 4 = 8 / x",
        "50 / 3 = 16.7 %",
        "1 / 0 = 3",
        "(5 − 2) / √(4) + 1 = 2.5",
        "exp(0) / 2 = 0.5",
        "4 · sigmoid(0) = 2",
        "√x = 3.1",
        "1^0.75 · 3 = 3",
        "ln 5 = 1.609",
        "",
    ],
)
def test_what_is_equal_or_no_calculation_stays(text: str) -> None:
    assert told_exactly(text) == text


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("1 / 3 = 0.3333", "1 / 3 ≈ 0.3333"),
        ("乘以 1 / (1 − 0.3) = 1.429，使", "乘以 1 / (1 − 0.3) ≈ 1.429，使"),
        ("y = 0.333·3 + 1 = 2.001", "y = 0.333·3 + 1 ≈ 2.001"),
        ("max_lr / div_factor = 0.1 / 3 = 0.03333", "max_lr / div_factor = 0.1 / 3 ≈ 0.03333"),
        ("the sum of 12 products, 2.83 + 0.5 = 3.34", "the sum of 12 products, 2.83 + 0.5 ≈ 3.34"),
        ("1.05^2 = 1.103", "1.05^2 ≈ 1.103"),
        ("y[0] = (9 − 5.31) / √(9.09 + 1e−05) = 1.22", "y[0] = (9 − 5.31) / √(9.09 + 1e−05) ≈ 1.22"),
        ("输出[0] = exp(4) / (exp(4) + exp(1)) = 0.953", "输出[0] = exp(4) / (exp(4) + exp(1)) ≈ 0.953"),
        ("y = ln(exp(4) / (exp(4) + exp(1))) = −0.0486", "y = ln(exp(4) / (exp(4) + exp(1))) ≈ −0.0486"),
        ("y = 4 · sigmoid(−4) = 0.072", "y = 4 · sigmoid(−4) ≈ 0.072"),
        ("y = 5 / (1 + 1e−04 · 34 / 5)^0.75 = 5", "y = 5 / (1 + 1e−04 · 34 / 5)^0.75 ≈ 5"),
    ],
)
def test_what_is_rounded_is_told_as_nearly_equal(text: str, told: str) -> None:
    assert told_exactly(text) == told


@given(st.lists(st.tuples(numbers, numbers), min_size=2, max_size=4), st.integers(-1, 1))
def test_a_sum_of_products_is_equal_where_its_exact_value_is_written(
    pairs: list[tuple[Fraction, Fraction]], error: int
) -> None:
    def written(number: Fraction) -> str:
        return f"{float(number):.4f}"

    total = sum((a * b for a, b in pairs), Fraction(0)) + Fraction(error, 10_000)
    products = " + ".join(f"{written(a)}·{written(b)}" for a, b in pairs)
    sign = "≈" if error else "="
    text = f"y = {products} = {written(total)}".replace("= -", "= −")
    assert told_exactly(text) == f"{text.rpartition(' = ')[0]} {sign} {text.rpartition(' = ')[2]}"


def test_sentences_of_the_catalogue_are_told_so_in_either_language() -> None:
    for shown, sign in ((("0.33·3", "1"), "≈"), (("0.5·3", "1.5"), "=")):
        added = sentence("animate.sum", at="[0]", sum=shown[0], result=shown[1])
        assert all(f"{shown[0]} {sign} {shown[1]}" in added.text(language) for language in ("en", "zh"))
