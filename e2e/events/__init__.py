"""Browser stories: the station, panels, keys, the feed, alarms, SMS about events and supervision."""
