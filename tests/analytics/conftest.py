import pytest

from analytics.pace import limits


@pytest.fixture(autouse=True)
def _no_limits_of_another_test():
    limits.forget()
