"""A post that is listed under another id: which row goes on, and what a person decides."""

from hypothesis import given
from hypothesis import strategies as st

from portal.domain.jobs.pairs import GonePost, reposts_of
from portal.domain.sync.posts import JobPost


def new(post_id: int, job: int | None, title: str = "Welder") -> JobPost:
    return JobPost(id=post_id, title=title, content="", internal_job_id=job)


def test_one_gone_and_one_new_of_a_job_and_title_are_one_post():
    found = reposts_of([GonePost(3, 777, "Welder"), GonePost(4, 778, "Cook")], [new(33, 777, " welder ")])
    assert (found.moved, found.doubtful) == ({33: 3}, ())


def test_another_title_is_for_a_person_to_decide():
    found = reposts_of([GonePost(3, 777, "Welder")], [new(33, 777, "Senior Welder")])
    assert (found.moved, found.doubtful) == ({}, ((3, 33),))


def test_several_of_a_job_are_for_a_person_to_decide():
    gone = [GonePost(3, 777, "Welder"), GonePost(4, 777, "Cook")]
    alike = reposts_of(gone, [new(33, 777)])
    assert (alike.moved, alike.doubtful) == ({}, ((3, 33),))
    assert reposts_of(gone[:1], [new(33, 777), new(34, 777)]).doubtful == ((3, 33), (3, 34))
    assert reposts_of(gone, [new(33, 777, "Baker")]).doubtful == ((3, 33), (4, 33))


def test_posts_of_no_job_or_of_different_jobs_have_nothing_in_common():
    assert reposts_of([GonePost(3, None, "Welder")], [new(33, None), new(34, 5)]).moved == {}


def test_a_job_posted_in_very_many_places_makes_no_thousand_questions():
    gone = [GonePost(number, 777, "Welder") for number in range(40)]
    assert reposts_of(gone, [new(100 + number, 777) for number in range(40)]).doubtful == ()


ids = st.integers(1, 5) | st.none()


@given(st.lists(ids, max_size=12), st.lists(ids, max_size=12))
def test_no_gone_post_moves_twice_and_what_moved_is_not_asked_about(gone, listed):
    old = [GonePost(number, job, "Welder") for number, job in enumerate(gone)]
    found = reposts_of(old, [new(100 + number, job) for number, job in enumerate(listed)])
    assert len(set(found.moved.values())) == len(found.moved)
    assert not {one for one, _ in found.doubtful} & set(found.moved.values())
