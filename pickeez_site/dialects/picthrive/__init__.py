"""The PicThrive API: photographers' shops and integrations. See README.md."""
