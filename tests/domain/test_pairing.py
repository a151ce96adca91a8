"""Own jobs and imported ones of the same title."""

from hypothesis import given
from hypothesis import strategies as st

from portal.domain.pairing import pairs_of

TITLES = st.sampled_from(["Welder", "welder ", "Rigger", " RIGGER", "Baker", "Straße", "STRASSE", ""])
JOBS = st.dictionaries(st.integers(0, 30), TITLES, max_size=8)


def test_titles_are_the_same_whatever_their_case_and_spaces() -> None:
    assert pairs_of({1: " Senior  welder"}, {2: "Senior Welder "}) == [(1, 2)]


def test_a_title_that_stands_twice_on_either_side_is_nobodys() -> None:
    assert pairs_of({1: "Welder", 2: "welder"}, {3: "Welder"}) == []
    assert pairs_of({1: "Welder"}, {3: "Welder", 4: "WELDER"}) == []


def test_other_titles_make_no_pair() -> None:
    assert pairs_of({1: "Welder", 2: ""}, {3: "Welder II", 4: ""}) == []


@given(JOBS, JOBS)
def test_no_job_is_in_two_pairs_and_each_pair_has_one_title(
    own: dict[int, str], other: dict[int, str]
) -> None:
    pairs = pairs_of(own, other)
    assert len({one for one, _ in pairs}) == len({two for _, two in pairs}) == len(pairs)
    for one, two in pairs:
        assert own[one].casefold().split() == other[two].casefold().split()
