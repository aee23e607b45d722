"""The demo: it plays the main job through the HTTP API with photographs of two people."""
