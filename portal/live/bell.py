"""The tick's bell: who queues a run for later rings, so that the tick wakes when it is due and no later."""

from time import monotonic, sleep

from redis.exceptions import RedisError

from portal.queue import redis

KEY = "portal:bell"
LONGEST_LISTENING = 1.0  # seconds: less than Redis may take to answer
SHORTEST_LISTENING = 0.01  # to Redis, 0 would be for ever


def ring() -> None:
    """Wake one tick. However often it is rung while nobody listens, it is heard once."""
    try:
        with redis().pipeline(transaction=False) as pipeline:
            pipeline.lpush(KEY, 1)
            pipeline.ltrim(KEY, 0, 0)
            pipeline.execute()
    except RedisError:
        return


def listen(seconds: float) -> bool:
    """Wait so long, or until the bell rings; whether it rang. With Redis away this only waits."""
    until = monotonic() + seconds
    while (left := until - monotonic()) > 0:
        piece = min(left, LONGEST_LISTENING)
        try:
            if redis().blpop([KEY], timeout=max(piece, SHORTEST_LISTENING)):
                return True
        except RedisError:
            sleep(piece)
    return False
