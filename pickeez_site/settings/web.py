"""The web APIs and their OpenAPI description."""

REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": [],
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "DEFAULT_GENERATOR_CLASS": "pickeez_site.dialects.openapi.generator.Generator",
    "OAS_VERSION": "3.1.1",
    "TITLE": "Pickeez",
    "DESCRIPTION": "All that this server speaks: several APIs, each with errors and credentials of its own.",
    "VERSION": "1",
    "SERVERS": [{"url": "/"}],
}
