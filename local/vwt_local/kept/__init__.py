"""Keeps what a client was told is accepted: messages of queues, items and streams of tables, positions in streams.

A snapshot is made every few seconds, and its parts are copied one after the other. What happens to queues and tables in
between is written to a journal before it is answered, so an emulator that is killed starts with all of it, and what
a function has read is never further than what it has written.
"""
