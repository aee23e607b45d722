"""The PictoPy API: a desktop gallery. See README.md."""
