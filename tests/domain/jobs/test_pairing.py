"""Own jobs and imported ones of the same title."""

from hypothesis import given
from hypothesis import strategies as st

from portal.domain.jobs.pairs import ambiguous_pairs, pairs_of

TITLES = st.sampled_from(["Welder", "welder ", "Rigger", " RIGGER", "Baker", "Straße", "STRASSE", ""])
JOBS = st.dictionaries(st.integers(0, 30), TITLES, max_size=8)


def test_titles_are_the_same_whatever_their_case_and_spaces() -> None:
    assert pairs_of({1: " Senior  welder"}, {2: "Senior Welder "}) == [(1, 2)]


def test_a_title_that_stands_twice_on_either_side_is_a_choice() -> None:
    two_own = pairs_of({1: "Welder", 2: "welder", 5: "Rigger"}, {3: "Welder", 6: "Rigger"})
    assert two_own == [(1, 3), (2, 3), (5, 6)]
    assert ambiguous_pairs(two_own) == {(1, 3), (2, 3)}
    two_imported = pairs_of({1: "Welder"}, {3: "Welder", 4: "WELDER"})
    assert ambiguous_pairs(two_imported) == {(1, 3), (1, 4)} == set(two_imported)


def test_a_title_of_very_many_jobs_is_no_choice() -> None:
    many = dict.fromkeys(range(100, 151), "Welder")
    assert pairs_of({1: "Welder"}, many) == []
    assert len(pairs_of({1: "Welder"}, many | {150: "Rigger"})) == 50


def test_other_titles_make_no_pair() -> None:
    assert pairs_of({1: "Welder", 2: ""}, {3: "Welder II", 4: ""}) == []


@given(JOBS, JOBS)
def test_each_pair_has_one_title_and_what_leaves_no_choice_names_no_job_twice(
    own: dict[int, str], other: dict[int, str]
) -> None:
    pairs = pairs_of(own, other)
    assert len(set(pairs)) == len(pairs)
    clear = set(pairs) - ambiguous_pairs(pairs)
    assert len({one for one, _ in clear}) == len({two for _, two in clear}) == len(clear)
    for one, two in pairs:
        assert own[one].casefold().split() == other[two].casefold().split()
