import pytest

from app.quotes import QUOTES


@pytest.mark.parametrize("quote", QUOTES)
def test_a_quote_says_something(quote):
    assert quote
