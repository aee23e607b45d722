"""What a browser is called in words, as far as it says."""

from functools import lru_cache


@lru_cache(maxsize=1000)
def browser_and_system(user_agent: str) -> tuple[str, str]:
    """Returns the names of the browser and of the system, such as `Mobile Safari` and `iOS`; empty if unknown."""
    from ua_parser import parse

    found = parse(user_agent)
    browser = found.user_agent.family if found.user_agent else ""
    system = found.os.family if found.os else ""
    return browser, system
