"""Serving: server configuration, proxies, limits of request bodies, media, uploads, the embedded broker."""
