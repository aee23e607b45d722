"""The Pickeez API: a mobile app and a photo algorithm. See README.md."""
