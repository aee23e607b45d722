"""OpenAPI: joins what each dialect says of itself in its `schema` module. `describe.py` has the words for it."""
