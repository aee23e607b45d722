"""The first of an original's two readings: what people look at is made before faces are searched for.

The two are tasks of different queues, so that no thumbnail waits behind face work; each reads and decodes once.
"""

from photos.preparing.preparing import make_viewable, step
from photos.preparing.reading import read_original

__all__ = ["make_viewable", "read_original", "step"]
