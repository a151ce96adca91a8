"""What tells an open page that something changed: publish, hub, stream."""

from portal.live.hub import stop_streams

__all__ = ["stop_streams"]
