from typing import Any

from django import template
from django.template.context import RequestContext

from pickeez_site.operations.dashboard.figures import figures_for

register = template.Library()


@register.inclusion_tag("dashboard/figures.html", takes_context=True)
def dashboard(context: RequestContext) -> dict[str, Any]:
    """The pictures of what the operator may see."""
    return {"figures": figures_for(context["request"].user)}
