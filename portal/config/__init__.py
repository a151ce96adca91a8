"""The portal's settings: read once from the environment, checked, and never changed afterwards."""

from portal.config.environment import ConfigError
from portal.config.settings import REPOSITORY, Settings, current_settings, load_settings

__all__ = ["REPOSITORY", "ConfigError", "Settings", "current_settings", "load_settings"]
