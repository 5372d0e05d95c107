"""What services do in the name of roles, and what callers need besides the action that they ask for.

`table` says which acts there are, `acts` asks for them; `passed` and `key_uses` say what a request passes and uses,
`callers` asks whoever has signed it.
"""
