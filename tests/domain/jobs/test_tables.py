"""Tables of text as spreadsheets write them, and what they change in jobs."""

import csv
import io
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.domain.jobs.fields import FIELDS, OWN_FIELDS
from portal.domain.jobs.table_cells import TABLE_FIELDS, cell_text, parse_cell, version_text
from portal.domain.jobs.table_edits import (
    JOB_ID,
    MOST_ROWS,
    VERSION,
    JobsTable,
    TablePlan,
    is_heading,
    plan_table,
    read_jobs_table,
)
from portal.domain.jobs.tables import (
    BOM,
    MOST_CELLS,
    InvalidTable,
    as_typed,
    csv_line,
    harmless,
    plain,
    read_file,
    split_cells,
)
from portal.domain.jobs.values import Values
from portal.domain.sync.following import ALL_FOLLOW, bit_of
from portal.domain.texts import InvalidValue

ODD = st.text(
    st.sampled_from("ab=+-@'\"\t\r\n,; ,0%é中א\u00a0\u200b＝?") | st.characters(exclude_categories=["Cs"]),
    max_size=12,
)
SPREADSHEETS = {
    "Google Sheets, Numbers": (",", "utf-8"),
    "the export itself": (",", "utf-8-sig"),
    "Excel where commas are decimal": (";", "utf-8-sig"),
    "Excel's Unicode text": ("\t", "utf-16"),
    "Excel's Unicode text, big-endian": ("\t", "utf-16-be"),
}


def job(**values: Any) -> dict[str, Any]:
    """A job's columns, every field of it filled."""
    return {
        "source": "greenhouse",
        "follows": ALL_FOLLOW,
        "title": "Engineer",
        "apply_url": "https://example.com/apply",
        "location": "Lisbon",
        "workplace_type": "hybrid",
        "employment_type": "full_time",
        "department": "R&D",
        "seniority": None,
        "salary_min": 8_500_000,
        "salary_max": 11_000_000,
        "salary_currency": "EUR",
        "salary_period": "year",
        "salary_visible": True,
        "hiring_manager": "Ana",
        "summary": 'One line,\nand another; “quoted” "text"',
        "tags": ["a", "b c"],
        "featured": False,
        "visibility": "shown",
        "closes_on": date(2027, 4, 3),
        **values,
    }


def lines(jobs: dict[int, dict[str, Any]], names: list[str], separator: str = ",") -> str:
    """A file as the portal exports it."""
    said = [csv_line([JOB_ID, *(TABLE_FIELDS[name].label for name in names), VERSION], separator)]
    for job_id, row in jobs.items():
        cells = [cell_text(TABLE_FIELDS[name], row) for name in names]
        said.append(csv_line([str(job_id), *cells, version_text(job_id, row)], separator))
    return "".join(said)


def read(text: str | bytes) -> JobsTable:
    return read_jobs_table(read_file(text if isinstance(text, bytes) else text.encode(), is_heading))


def plan(text: str | bytes, jobs: dict[int, dict[str, Any]], currency: str | None = None) -> TablePlan:
    table = read_file(text if isinstance(text, bytes) else text.encode(), is_heading)
    return plan_table(read_jobs_table(table).proposals, jobs, currency, encoding=table.encoding)


def changed(text: str, row: dict[str, Any], currency: str | None = None) -> dict[str, Values]:
    """What a file's only row changes in job 7, by field; nothing of it is refused."""
    found = plan(text, {7: row}, currency)
    assert (found.refused, found.conflicts) == ([], [])
    return {each.field.name: each.step.after for each in found.changes}


def refusal(text: str, row: dict[str, Any]) -> str:
    [refused] = plan(text, {7: row}).refused
    return refused.reason


@given(st.lists(st.lists(ODD, min_size=1, max_size=4), max_size=4), st.sampled_from([",", ";", "\t"]))
def test_what_pythons_own_writer_writes_is_split_into_the_same_cells(
    rows: list[list[str]], apart: str
) -> None:
    file = io.StringIO()
    csv.writer(file, delimiter=apart).writerows(rows)
    assert split_cells(file.getvalue(), apart) == rows


def test_a_block_copied_from_a_spreadsheet_keeps_quotes_that_enclose_nothing() -> None:
    block = 'Lisbon\t"so-called" senior\t5" screen\r\n"two\nlines"\t"say ""hi"""\t"open\r\n'
    assert split_cells(block) == [
        ["Lisbon", '"so-called" senior', '5" screen'],
        ["two\nlines", 'say "hi"', '"open'],
    ]


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1 cmd", "-x", "@SUM(A1)", "\t=1", "\r=1", " =1", "'=1", "＝1", "--1"]
)
def test_no_spreadsheet_takes_an_exported_cell_for_a_formula(cell: str) -> None:
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize(
    "cell", ["-5", "+3.5", "-1,200.50", "-10%", "85k – 110k EUR", "a=b", "", "2027-04-03", "’t"]
)
def test_numbers_and_what_is_no_formula_stay_as_they_are_in_an_export(cell: str) -> None:
    assert harmless(cell) == cell


@given(ODD)
def test_what_was_made_harmless_is_read_as_it_was(text: str) -> None:
    assert as_typed(harmless(text)) == plain(text)
    assert not harmless(text).startswith(("=", "@", "\t", "\r", "＝"))


def stored(parse: Any, text: str) -> Any:
    try:
        return parse(text)
    except InvalidValue:
        return {}


@given(
    texts=st.fixed_dictionaries(
        dict.fromkeys(("location", "department", "summary", "tags", "hiring_manager", "seniority"), ODD)
    ),
    title=ODD,
    raw=ODD.map(lambda text: text.replace("\x00", "")),  # which no edition stored
    spreadsheet=st.sampled_from(sorted(SPREADSHEETS)),
    with_version=st.booleans(),
)
def test_a_file_that_was_exported_and_comes_back_changes_nothing(
    texts: dict[str, str], title: str, raw: str, spreadsheet: str, with_version: bool
) -> None:
    row = job(summary=raw or None)  # also what older editions stored
    for name, text in texts.items():
        row |= stored(FIELDS[name].parse, text)
    row |= stored(OWN_FIELDS["title"].parse, title)
    separator, encoding = SPREADSHEETS[spreadsheet]
    text = lines({7: row}, list(TABLE_FIELDS), separator)
    text = text if with_version else text.replace(VERSION, "Edition")
    data = ("\ufeff" if encoding == "utf-16-be" else "") + text
    found = plan(data.encode(encoding), {7: row})
    assert (found.changes, found.conflicts, found.refused) == ([], [], [])
    assert found.same == len(TABLE_FIELDS)


def test_excel_and_others_write_the_separator_the_ids_and_the_headings_in_their_own_ways() -> None:
    for text in (
        "sep=;\r\nJob ID;Location\r\n7;Porto\r\n",
        "job_id\tlocation\n 7 \tPorto",
        "\r\n\r\nLOCATION;ID\r\nPorto;7;;\r\n;;;\r\n",
        BOM + "Unknown, with comma;Job ID;Location\n,;7;Porto",
    ):
        assert changed(text, job()) == {"location": {"location": "Porto"}}, text


def test_a_cell_is_read_as_if_it_were_typed_and_dates_as_spreadsheets_show_them() -> None:
    heads = "Job ID,Workplace,Type,Salary,Salary on the page,Tags,Closes on\n7,"
    row = job(salary_min=None, salary_max=None, salary_currency=None, salary_period=None)
    said = changed(heads + '"On-site",part time,90k,not shown,"x, y",31.12.2027', row, "GBP")
    assert said["workplace_type"] == {"workplace_type": "onsite"}
    assert said["employment_type"] == {"employment_type": "part_time"}
    assert said["salary"]["salary_min"] == 9_000_000
    assert said["salary"]["salary_currency"] == "GBP"
    assert said["salary_visible"] == {"salary_visible": False}
    assert said["tags"] == {"tags": ["x", "y"]}
    assert said["closes_on"] == {"closes_on": date(2027, 12, 31)}


@pytest.mark.parametrize(
    "same",
    [
        "03/04/2027",
        "4/3/2027",
        "3.4.2027",
        "03-04-27",
        "2027-04-03 00:00:00",
        "2027/4/3",
        "3 Apr 2027",
        "3-apr-27",
    ],
)
def test_a_date_that_a_spreadsheet_rewrote_is_no_change(same: str) -> None:
    assert changed(f"Job ID,Closes on\n7,{same}", job()) == {}


@pytest.mark.parametrize("currency", ["EUR", "USD", "SEK", "JPY", "INR", "KWD"])
def test_what_a_cell_of_the_list_shows_is_read_as_what_it_holds_so_that_copied_cells_can_be_pasted(
    currency: str,
) -> None:
    for low, high in ((8_500_000, 11_000_000), (8_500_000, None), (None, 9_000_000), (4_321_000, 4_321_000)):
        row = job(salary_min=low, salary_max=high, salary_currency=currency)
        for field in TABLE_FIELDS.values():
            held = {name: row[name] for name in field.columns}
            assert parse_cell(field, field.display(row), job(salary_currency="NOK"), None) == held


def test_a_date_that_can_be_two_is_asked_about() -> None:
    assert refusal("Job ID,Closes on\n7,05/06/2027", job()) == (
        "“05/06/2027” can be two dates. Type it as year-month-day, such as 2027-05-06."
    )
    assert "year-month-day" in refusal("Job ID,Closes on\n7,31.02.2027", job())


def test_an_empty_cell_empties_its_field_and_what_is_missing_stays() -> None:
    said = changed("Job ID,Location,Salary,Tags,Closes on,Department\n7,,,,", job())
    assert said == {
        "location": {"location": None},
        "salary": dict.fromkeys(("salary_min", "salary_max", "salary_currency", "salary_period")),
        "tags": {"tags": []},
        "closes_on": {"closes_on": None},
    }
    assert "Visibility cannot be empty" in refusal("Job ID,Visibility\n7,", job())
    assert "Choose one of" in refusal("Job ID,Featured\n7,", job())


def test_greenhouses_title_is_refused_and_an_own_jobs_title_changes() -> None:
    text = "Job ID,Title,Link to apply\n7,Chef,https://example.com/apply"
    assert refusal(text, job()) == "The title comes from Greenhouse: edit it in Greenhouse."
    assert changed(text, job(source="own")) == {"title": {"title": "Chef"}}
    assert "cannot be empty" in refusal("Job ID,Title\n7,", job(source="own"))


def test_each_row_that_names_no_job_or_one_twice_is_refused_with_its_reason() -> None:
    text = (
        "Job ID,Location\n7,Porto\nx7,Faro\n,Faro\n8,Faro\n9,Faro\n8,Braga\n7,a,b\n99999999999999999999,Faro"
    )
    table = read(text)
    assert [(each.row, each.reason) for each in table.refused] == [
        (3, "“x7” is no job ID."),
        (4, "No job ID stands in this row. A new job is added with “Add a job”."),
        (5, "Job 8 stands in row 7 as well. Leave one of them."),
        (7, "Job 8 stands in row 5 as well. Leave one of them."),
        (8, "This row has more cells than there are headings. A cell with a separator in it needs quotes."),
        (9, "“99999999999999999999” is no job ID."),
    ]
    found = plan_table(table.proposals, {7: job()}, None)
    assert [each.proposal.job_id for each in found.changes] == [7]
    assert [each.reason for each in found.refused] == ["There is no job 9 here."]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"PK\x03\x04 a workbook", "workbook"),
        (b"\x89PNG\x00\x00" * 90, "not text"),
        (b"Title,Location\nx,y", "No column is named “Job ID”"),
        (b"Job ID,Location,location\n7,a,b", "Two columns"),
        (b"Job ID,State\n7,Open", "No column bears"),
        (b"Job ID,Location\n", "no rows"),
        (b"Job ID,Location\n" + b"7,x\n" * (MOST_ROWS + 1), "at most 10,000"),
        (b"Job ID,Location\n7,x\n" + b"," * (MOST_CELLS + 1), "more than 500,000 cells"),
    ],
)
def test_a_file_that_is_no_table_of_jobs_is_refused_in_a_sentence(data: bytes, reason: str) -> None:
    with pytest.raises(InvalidTable, match=reason):
        read(data)


def test_columns_that_are_not_read_are_listed() -> None:
    assert read("Job ID,Location,State,Description,,Notes\n7,x").ignored == ["State", "Description", "Notes"]


def test_what_others_changed_since_the_export_is_a_conflict_and_what_nobody_touched_is_not() -> None:
    exported = lines({7: job()}, ["location", "department", "closes_on"])
    edited = exported.replace("Lisbon", "Porto").replace("2027-04-03", "03/04/2027")
    now = job(location="Faro", department="Research", closes_on=None)  # an edit, or a sync
    found = plan(edited, {7: now})
    assert [each.field.name for each in found.conflicts] == ["location"]
    assert found.changes == []
    assert found.same == 2
    assert [each.field.name for each in plan(edited, {7: job()}).changes] == ["location"]


def test_a_change_that_is_judged_again_knows_what_it_was_judged_by() -> None:
    [first] = plan("Job ID,Location\n7,Porto", {7: job()}).changes
    again = plan_table([first.proposal], {7: job()}, None)
    assert [each.proposal for each in again.changes] == [first.proposal]
    assert [
        each.field.name for each in plan_table([first.proposal], {7: job(location="X")}, None).conflicts
    ] == ["location"]
    assert plan_table([first.proposal], {7: job(location="Porto")}, None).same == 1


def test_a_changed_field_is_no_longer_greenhouses_and_knows_that_it_was() -> None:
    rows = {7: job(), 8: job(follows=ALL_FOLLOW & ~bit_of("location"))}
    found = plan("Job ID,Location\n7,Porto\n8,Porto", rows).changes
    assert [(each.step.followed, each.step.follows) for each in found] == [(True, False), (False, False)]


def test_letters_that_excels_old_format_cannot_hold_are_no_change() -> None:
    row = job(department="Łódź", location="Köln")
    text = "Job ID,Department,Location,Hiring manager\n7,Łódź,Köln,Éva".encode("cp1252", "replace")
    table = read_file(text, is_heading)
    assert table.has_lost_letters
    found = plan(text, {7: row})
    assert {each.field.name: each.proposal.text for each in found.changes} == {"hiring_manager": "Éva"}
