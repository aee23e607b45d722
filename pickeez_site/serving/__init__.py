"""How it is served: server configuration, proxies, limits of bodies, media, uploads, the embedded broker."""
