import pytest

from pickeez_site.dialects.pixoneye.tests.customers import Customer


@pytest.fixture
def shop(db: None) -> Customer:
    return Customer("Acme", "Shop")


@pytest.fixture
def news(db: None) -> Customer:
    """Another app of the same owner."""
    return Customer("Acme", "News")


@pytest.fixture
def rival(db: None) -> Customer:
    """Another owner's app, of the same id."""
    return Customer("Rival & Sons/Ltd", "Shop")


@pytest.fixture
def rival_news(db: None) -> Customer:
    return Customer("Rival & Sons/Ltd", "News")
