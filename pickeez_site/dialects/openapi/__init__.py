"""OpenAPI: what each dialect's wire types and operations say of it, joined by drf-spectacular."""
