"""What a process keeps in mind is bounded, and what was wanted last stays."""

from portal.web.cache import Kept


def test_what_is_known_is_not_found_out_again() -> None:
    kept, asked = Kept[str](2), []
    for _ in range(3):
        assert kept.known("key", lambda: asked.append(1) or "value") == "value"
    assert len(asked) == 1


def test_the_one_that_was_wanted_longest_ago_goes_first() -> None:
    kept = Kept[int](2)
    kept.keep("a", 1)
    kept.keep("b", 2)
    assert kept.get("a") == 1
    kept.keep("c", 3)
    assert [kept.get(key) for key in "abc"] == [1, None, 3]


def test_no_is_an_answer_that_is_kept_as_well() -> None:
    kept, asked = Kept[bool](2), []
    for _ in range(2):
        assert kept.known("key", lambda: bool(asked.append(1))) is False
    assert len(asked) == 1
