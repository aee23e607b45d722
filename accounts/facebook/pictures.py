"""The pictures that Facebook has of a user, read with the access token that they signed in with."""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from typing import Any, TypeVar

from accounts.facebook.graph import Graph, GraphRefused, objects_in
from accounts.facebook.tokens import forget_fb_token, fb_token_of
from accounts.models import User
