"""The main job, played through the server's HTTP API with photographs of two people, and a page that shows it."""
