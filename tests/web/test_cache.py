"""What a process keeps in mind is bounded, and what was wanted last stays."""

from portal.web.cache import LRUCache


def test_what_is_known_is_not_found_out_again() -> None:
    cache, asked = LRUCache[str](2), []
    for _ in range(3):
        assert cache.get_or_make("key", lambda: asked.append(1) or "value") == "value"
    assert len(asked) == 1


def test_the_one_that_was_wanted_longest_ago_goes_first() -> None:
    cache = LRUCache[int](2)
    cache.set("a", 1)
    cache.set("b", 2)
    assert cache.get("a") == 1
    cache.set("c", 3)
    assert [cache.get(key) for key in "abc"] == [1, None, 3]


def test_no_is_an_answer_that_is_kept_as_well() -> None:
    cache, asked = LRUCache[bool](2), []
    for _ in range(2):
        assert cache.get_or_make("key", lambda: bool(asked.append(1))) is False
    assert len(asked) == 1
