"""Reads queues and streams for the Lambda functions that are mapped to them.

MiniStack has a thread for this that looks at every source at least once a second, asks no role, and gives each call a
thread of its own. Here everything happens on the event loop: `poller` sleeps until a source has something or its time
has come, `queues` and `streams` read one source each, `checks` asks what AWS asks before a mapping is made.
"""
