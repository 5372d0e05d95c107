"""Asks roles for what services do in their name, and callers for what they need besides the action.

`table` says which acts there are, `acts` asks for them; `passed` and `key_uses` say what a request passes and uses,
`callers` asks whoever has signed it.
"""
