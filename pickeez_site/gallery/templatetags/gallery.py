"""Tags of the gallery's templates."""

from django import template
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon of `static/gallery/icons.svg`. It is decoration: the words beside it say what it means."""
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        static("gallery/icons.svg"),
        name,
    )


@register.filter
def rem(shape: int) -> str:
    """The usual width, in rem, of a tile of this shape (width / height in percent): rows are about 13 rem high."""
    return f"{shape * 13 / 100:.0f}"
