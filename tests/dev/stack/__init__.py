"""The portal as processes: settings, servers, supervision."""
