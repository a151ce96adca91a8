"""What follows from a job's columns."""

import pytest

from portal.domain.jobs.derived import DERIVED, derived, derived_from


def test_nothing_follows_from_both_owners_columns() -> None:
    greenhouse = {"title", "requisition_id", "description_html"}
    for sources, _ in DERIVED.values():
        assert set(sources) <= greenhouse or not set(sources) & greenhouse


def test_what_follows_from_written_columns_needs_all_its_sources() -> None:
    whole = derived({"title": "Welder", "requisition_id": "R-1"})
    assert set(whole) == {"search_source", "title_sort", "requisition_id_sort"}
    assert whole["search_source"] == "welder\nr 1"
    assert derived({"title": "Welder"}, {"title": "Old", "requisition_id": "R-1"}) == {
        name: whole[name] for name in ("search_source", "title_sort")
    }
    with pytest.raises(KeyError, match="requisition_id"):
        derived({"title": "Welder"})
    assert set(derived_from({"location"})) == {"search_own", "places", "lacks", "location_sort"}
