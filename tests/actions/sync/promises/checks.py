"""What the stored jobs must be once an answer was applied."""

from datetime import date
from html import unescape

from portal.domain.descriptions.markup import without_network_tags
from portal.domain.jobs.fields import FIELDS, Source
from portal.domain.sync.plan import HoldStatus
from tests.actions.sync.promises.world import Drop, Hold, Row, World
from tests.support.words import letters_of

ORGANISATION_COLUMNS = sorted({column for field in FIELDS.values() for column in field.columns})


class Checks(World):
    """Compares what is stored with the model, and carries the model on."""

    def check_answer(self, before: dict[int, Row], holds: dict[int, Hold]) -> None:
        """The stored jobs equal the answer, but for what is held, kept or unreadable."""
        after = self.stored()
        answer = {
            key: self.posts[key] for key in self.listed if self.is_job(key) and key not in self.unreadable
        }
        for key, sent in answer.items():
            self.check_row(after[key], sent)
            if key not in before:
                self.rows_of[key] = after[key]["id"]
                self.theirs[after[key]["id"]] = {name: after[key][name] for name in ORGANISATION_COLUMNS}
                self.own[after[key]["id"]] = set()
                taken = said_of(sent) if self.prefills else dict.fromkeys(said_of(sent))
                assert {name: after[key][name] for name in taken} == taken
            self.said[after[key]["id"]] = said_of(sent)
            if self.prefills:
                self.follow(after[key]["id"])
        aside = self.unreadable & set(self.listed)
        followed = {
            key for key, row in before.items() if row["listed"] and row["source"] == Source.GREENHOUSE
        }
        missing = followed - answer.keys() - aside
        self.note_returns(answer.keys() | aside, holds)
        asked = self.check_left(before, after, answer.keys() | aside, holds)
        listed = len(answer.keys() | aside)
        self.check_closings(after, missing, len(followed), listed, holds, asked)
        for key in before.keys() - answer.keys() - missing - asked:
            assert after[key] == before[key]
        self.is_first = False

    def check_left(
        self, before: dict[int, Row], after: dict[int, Row], listed: set[int], holds: dict[int, Hold]
    ) -> set[int]:
        """Kept jobs that the board lists no more wait for a word, once a reconnection; those asked about."""
        left = {
            key
            for key, row in before.items()
            if row["listed"] and row["source"] == Source.OWN and row["board_token"] == self.token
        } - listed
        asked = left if self.is_first else left & holds.keys()
        now = self.held_closings()
        for key in asked:
            status = holds[key].status if key in holds else HoldStatus.PENDING
            closed = status == HoldStatus.APPROVED
            assert after[key]["listed"] is not closed
            assert (key in now) is not closed
            if not closed:
                assert now[key].status == status
                assert after[key] == before[key]
        return asked

    def note_returns(self, listed: set[int], holds: dict[int, Hold]) -> None:
        """What was held and is listed again came back to its drop, unless somebody approved its closing."""
        for key in listed & self.drop_of.keys():
            drop = self.drop_of.pop(key)
            drop.came_back += holds[key].status != HoldStatus.APPROVED

    def check_closings(
        self,
        after: dict[int, Row],
        missing: set[int],
        followed: int,
        listed: int,
        holds: dict[int, Hold],
        asked: set[int],
    ) -> None:
        """What was approved closes, what was discarded stays, and the guard decides the rest."""
        approved = {key for key in missing if key in holds and holds[key].status == HoldStatus.APPROVED}
        kept = {key for key in missing if key in holds and holds[key].status == HoldStatus.DISCARDED}
        rest = missing - approved - kept
        waiting = rest & holds.keys()
        undecided = followed - len(approved) - len(kept)
        held = (
            rest if too_many(len(rest), undecided, listed) else waiting if self.is_doubted(waiting) else set()
        )
        assert {key for key in missing if after[key]["listed"]} == kept | held
        now = {key: hold for key, hold in self.held_closings().items() if key not in asked}
        assert now.keys() == kept | held
        assert {now[key].status for key in held} <= {HoldStatus.PENDING}
        self.drop_of |= dict.fromkeys(held - holds.keys(), Drop(len(held - holds.keys())))
        for key in missing - now.keys():
            self.drop_of.pop(key, None)

    def is_doubted(self, waiting: set[int]) -> bool:
        """Whether at most half came back of all that was held together with what waits still."""
        drops = {id(drop): drop for drop in (self.drop_of[key] for key in waiting)}.values()
        held, back = sum(drop.held for drop in drops), sum(drop.came_back for drop in drops)
        return held - back > held / 2

    def check_row(self, row: Row, sent: Row) -> None:
        names = ("title", "internal_job_id", "language", "requisition_id")
        assert {name: row[name] for name in names} == {name: sent.get(name) for name in names}
        assert letters_of(row["description_html"]) == letters_of(
            without_network_tags(unescape(sent["content"]))
        )
        assert row["source_values"].get("location") == sent["location"]["name"]
        assert (row["listed"], row["closed_at"], row["source"]) == (True, None, Source.GREENHOUSE)


def said_of(sent: Row) -> Row:
    """What a post says of the organisation's fields in this world."""
    deadline = sent.get("application_deadline")
    return {
        "location": sent["location"]["name"],
        "department": sent["departments"][0]["name"],
        "closes_on": date.fromisoformat(deadline) if deadline else None,
    }


def too_many(closing: int, open_before: int, listed: int) -> bool:
    """The guard in words: all of three or more, or half or more of ten or more while the list shrank."""
    shrank = listed / open_before < 0.6 if open_before else False
    return (closing == open_before >= 3) or (open_before >= 10 and closing >= open_before / 2 and shrank)
