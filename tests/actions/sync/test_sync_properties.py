"""Any mixture of syncs, edits, closures, faults and reconnections keeps the promises of a sync.

What the portal stores is compared, step by step, with a model that knows them and nothing of how
they are kept: the last complete answer, the acknowledged edits, and what a guard may hold.
"""

import os
from datetime import date

import pytest
from flask import Flask
from hypothesis import HealthCheck, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from portal.db import db
from tests.actions.sync.promises.machine import Promises
from tests.support.board_server import DemoBoard

EVERY_TIME = {"sqlite": 30, "postgresql": 10}  # sequences; both begin with the same seed
NIGHTLY = 1_000
SEED = os.environ.get("PROMISES_SEED")  # repeats what failed


def play(app: Flask, board: DemoBoard, sequences: int, usual: int) -> None:
    """Play so many sequences, each in an organisation of its own; a failure names the seed to repeat it."""
    number = int(SEED or usual)
    Promises.board = board
    with app.app_context():
        try:
            run_state_machine_as_test(
                seed(number)(Promises),
                settings=settings(
                    max_examples=sequences,
                    stateful_step_count=30,
                    deadline=None,
                    database=None,
                    print_blob=True,
                    suppress_health_check=list(HealthCheck),
                ),
            )
        except BaseException as error:
            error.add_note(f"PROMISES_SEED={number} repeats it.")
            raise


def test_the_promises_hold_in_any_order_of_events(app: Flask, board: DemoBoard) -> None:
    with app.app_context():
        sequences = EVERY_TIME[db.engine.dialect.name]
    play(app, board, sequences, usual=1)


@pytest.mark.nightly
def test_the_promises_hold_in_a_thousand_orders_of_events(app: Flask, board: DemoBoard) -> None:
    play(app, board, NIGHTLY, usual=date.today().toordinal())  # others each day
